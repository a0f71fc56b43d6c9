// From the registers of a home to the channels of its network: net is import minus export, every
// other channel is the register of its name. A channel whose register has no reading has no value.

import type { Channel, ChannelSet } from '../../core/channel.ts';
import { channelIndices } from '../../core/channel.ts';

/** Amounts by register, of one interval: watt-hours, or litres. */
export type Amounts = ReadonlyMap<string, number>;

/** By channel index, as `createFrame` takes them; `hasExport`: whether the home follows that register. */
export function channelValues(
  channels: readonly Channel[],
  declared: ChannelSet,
  amounts: Amounts,
  hasExport: boolean,
): readonly (number | undefined)[] {
  const values: (number | undefined)[] = channels.map(() => undefined);
  for (const index of channelIndices(declared)) {
    const name = channels[index]?.name;
    values[index] = name === 'net' ? netOf(amounts, hasExport) : amounts.get(name ?? '');
  }
  return values;
}

/** The registers that the declared channels are made of. */
export function registersNeeded(
  channels: readonly Channel[],
  declared: ChannelSet,
  hasExport: boolean,
): readonly string[] {
  const names = channelIndices(declared).flatMap((index) => {
    const name = channels[index]?.name ?? '';
    if (name !== 'net') return [name];
    return hasExport ? ['import', 'export'] : ['import'];
  });
  return [...new Set(names)];
}

function netOf(amounts: Amounts, hasExport: boolean): number | undefined {
  const imported = amounts.get('import');
  const exported = hasExport ? amounts.get('export') : 0;
  return imported === undefined || exported === undefined ? undefined : imported - exported;
}
