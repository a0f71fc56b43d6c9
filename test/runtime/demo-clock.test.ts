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

  it('does not wait where the machine does not keep up', async () => {
    const network = new VirtualClock(1_000_000);
    const clock = new DemoClock(network, () => 0);
    clock.rest(1_900_000, 0);
    expect(clock.nowMs()).toBe(1_000_000);
  });
});
