// The simulated meters of a trial network, as a process: each with its own keys in a store, masking
// and sending when an interval is over, sending again what no receipt confirms. Simulated, and said so.

import { join } from 'node:path';
import { areaId } from '../core/area.ts';
import { type IntervalIndex, intervalEndSeconds, intervalStartSeconds } from '../core/interval.ts';
import { areaNamed } from '../core/network-tree.ts';
import { slot } from '../core/roster.ts';
import { FileError } from '../files/file-error.ts';
import type { MeterState } from '../roles/meter.ts';
import { createHouseholds } from '../sim/neighbourhood.ts';
import { createSimulator } from '../sim/simulator.ts';
import { openMeterStore } from '../store/meter-store.ts';
import { IntervalTimers } from './interval-timers.ts';
import { loadKernel } from './kernel.ts';
import { MeterFleet, placeOf } from './meter-fleet.ts';
import type { NodeContext } from './node-context.ts';

const SEND_DELAY_MS = 1000;

export async function startTrialMeters(context: NodeContext): Promise<AsyncDisposable> {
  const { config, network, verify, bus, clock, say, onError } = context;
  const { households } = config;
  if (households === undefined)
    throw new FileError('bad-value', {
      file: config.keys,
      expected: 'households in the configuration',
      found: 'none',
    });
  const { intervalSeconds, closeAfterSeconds } = network.document;
  const { kernel } = await loadKernel();
  await using started = new AsyncDisposableStack();
  const store = started.use(openMeterStore(join(config.data, 'meters.db')));
  const meters = households.places.map(([area, at]): MeterState => {
    const node = areaNamed(network, areaId(area));
    const entry = node && network.streets[node.index]?.roster.entries[at];
    const meter =
      node &&
      entry &&
      store.loadMeter(
        placeOf(network, {
          area: node.id,
          slot: slot(at),
          channels: entry.channels,
          capWh: entry.capWh,
        }),
      );
    if (meter === undefined)
      throw new FileError('bad-value', {
        file: store.file,
        expected: `keys of ${area}, slot ${at}`,
        found: 'none',
      });
    return meter;
  });
  const homes = createHouseholds({
    meters: meters.length,
    seed: households.seed,
    meteredRoofShare: 1,
  });
  // The simulator steps in five minutes; of shorter intervals each takes its share of one.
  const simulatedSeconds = Math.max(300, intervalSeconds);
  const share = intervalSeconds / simulatedSeconds;
  const simulate = createSimulator(homes, simulatedSeconds);
  const fleet = started.use(
    new MeterFleet({ network, meters, bus, clock, verify, store, kernel, onError }),
  );
  await fleet.followReceipts();

  const send = async (interval: IntervalIndex): Promise<void> => {
    const startSeconds = intervalStartSeconds(interval, intervalSeconds);
    const readings = simulate(startSeconds - (startSeconds % simulatedSeconds));
    const { sentCount, refused } = await fleet.send(interval, (index) => {
      const reading = readings[index];
      if (reading === undefined) return undefined;
      const exportWh = Math.floor(share * reading.exportWh);
      const importWh = Math.floor(share * reading.importWh);
      return [importWh - exportWh, exportWh, Math.floor(share * reading.productionWh)];
    });
    const held = [...refused].map(([reason, count]) => `, ${count} ${reason}`).join('');
    say(`interval ${interval}: ${sentCount} simulated meters sent${held}`);
  };
  const timers = started.use(
    new IntervalTimers({
      clock,
      intervalSeconds,
      isDriven: false,
      onInterval: (interval) => {
        const endMs = intervalEndSeconds(interval, intervalSeconds) * 1000;
        // What was over before we started is not made up.
        if (endMs < clock.nowMs()) return;
        timers.at(endMs + SEND_DELAY_MS, () => send(interval));
        timers.at(endMs + closeAfterSeconds * 750, async () => {
          const count = await fleet.resend();
          if (count > 0) say(`interval ${interval}: ${count} frames sent again`);
        });
      },
    }),
  );
  timers.start();
  return started.move();
}
