// From the rows of meters.csv to what is planned and enrolled: the channels that each meter declares
// and its cap, where the file leaves them open.

import type { AreaId } from '../core/area.ts';
import { channelSetOf, DEFAULT_CHANNELS } from '../core/channel.ts';
import type { PlanMeter, PlanStreet } from '../core/plan-types.ts';
import type { ChannelName } from '../files/channel-names.ts';
import { declaredMeters } from '../files/declared-channels.ts';
import { defaultCapWh } from '../files/default-cap.ts';
import type { MeterRow } from '../files/meter-row.ts';
import type { ReadingsTable } from '../files/readings-table.ts';
import type { ProvisionMeter } from '../runtime/provision.ts';

const NET_ONLY: readonly ChannelName[] = ['net'];

/** In file order. Without readings a meter declares what its row says, or net alone. */
export function provisionMetersOf(
  rows: readonly MeterRow[],
  intervalSeconds: number,
  readings?: ReadingsTable,
): readonly ProvisionMeter[] {
  const given = rows.map(({ channels }) => channels);
  const declared =
    readings === undefined
      ? given.map((channels) => channels ?? NET_ONLY)
      : declaredMeters(given, readings).map(({ channels }) => channels);
  const capWh = defaultCapWh(intervalSeconds);
  return rows.map(({ area, maxWh }, index) => ({
    area,
    channels: channelSetOf((declared[index] as readonly ChannelName[]).map(channelIndex)),
    capWh: maxWh ?? capWh,
  }));
}

/** The streets in the order of their first meters; every meter is a connection point of its own. */
export function planStreetsOf(meters: readonly ProvisionMeter[]): readonly PlanStreet[] {
  const streets = new Map<AreaId, PlanMeter[]>();
  for (const [index, { area, channels, capWh }] of meters.entries()) {
    const meter: PlanMeter = { channels, capWh, connectionPoint: index };
    const known = streets.get(area);
    if (known === undefined) streets.set(area, [meter]);
    else known.push(meter);
  }
  return [...streets].map(([area, meters]) => ({ area, meters }));
}

function channelIndex(name: ChannelName): number {
  return DEFAULT_CHANNELS.findIndex((channel) => channel.name === name);
}
