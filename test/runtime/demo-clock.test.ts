import { describe, expect, it } from 'vitest';
import { VirtualClock } from '../../src/runtime/clock.ts';
import { DemoClock } from '../../src/runtime/demo-clock.ts';

describe('the clock of the demo’s map', () => {
  it('follows the network’s, flows while that stands still, and never goes back', async () => {
    const network = new VirtualClock(1_000_000);
    let realMs = 0;
    const clock = new DemoClock(network, () => realMs);
    expect(clock.nowMs()).toBe(1_000_000);
    await network.advanceTo(1_140_000);
    expect(clock.nowMs()).toBe(1_140_000);
    clock.rest(1_900_000, 8000);
    realMs = 4000;
    expect(clock.nowMs()).toBe(1_520_000);
    realMs = 20_000;
    expect(clock.nowMs()).toBe(1_900_000);
    await network.advanceTo(1_901_000);
    expect(clock.nowMs()).toBe(1_901_000);
  });

  it('goes on where the network has failed, so that its map grows old', async () => {
    const network = new VirtualClock(1_000_000);
    let realMs = 0;
    const clock = new DemoClock(network, () => realMs);
    clock.rest(1_900_000, 10_000);
    realMs = 40_000;
    expect(clock.nowMs()).toBe(1_900_000);
    realMs = 50_000;
    expect(clock.nowMs()).toBe(2_800_000);
    // In the middle of an interval's work, too; and it never goes back to what was late.
    await network.advanceTo(2_000_000);
    expect(clock.nowMs()).toBe(2_800_000);
    realMs = 100_000;
    expect(clock.nowMs()).toBe(3_800_000);
    realMs = 10_000_000;
    expect(clock.nowMs()).toBe(5_600_000);
  });

  it('does not wait where the machine does not keep up', async () => {
    const network = new VirtualClock(1_000_000);
    const clock = new DemoClock(network, () => 0);
    clock.rest(1_900_000, 0);
    expect(clock.nowMs()).toBe(1_000_000);
  });
});
