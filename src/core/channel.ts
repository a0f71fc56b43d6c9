// Channels: what a reading measures (design.md section 2). A channel's index in the network
// document is its word in the mask block and its bit in a channel set; both are fixed for good.

export interface Channel {
  readonly name: string;
  /** A signed channel carries two's complement and may be negative: net load, import minus export. */
  readonly isSigned: boolean;
}

/** Bit j set: channel j is present. At most 8 channels, so it is one byte on the wire. */
export type ChannelSet = number & { readonly __brand: 'ChannelSet' };

export const MAX_CHANNELS = 8;

/** Channel 0: what every meter has. */
export const NET = 0;

export const DEFAULT_CHANNELS: readonly Channel[] = [
  { name: 'net', isSigned: true },
  { name: 'export', isSigned: false },
  { name: 'production', isSigned: false },
];

/** @throws RangeError unless `bits` is a byte. */
export function channelSet(bits: number): ChannelSet {
  if (!Number.isInteger(bits) || bits < 0 || bits > 0xff) {
    throw new RangeError(`channelSet: expected a byte, found ${bits}`);
  }
  return bits as ChannelSet;
}

export function channelSetOf(indices: Iterable<number>): ChannelSet {
  let bits = 0;
  for (const index of indices) bits |= 1 << index;
  return channelSet(bits);
}

export function hasChannel(set: ChannelSet, index: number): boolean {
  return ((set >>> index) & 1) === 1;
}

export function channelCount(set: ChannelSet): number {
  let count = 0;
  for (let bits: number = set; bits !== 0; bits &= bits - 1) count++;
  return count;
}

/** The channel indices in a set, ascending: the order of a frame's words. */
export function channelIndices(set: ChannelSet): number[] {
  const indices: number[] = [];
  for (let index = 0; index < MAX_CHANNELS; index++)
    if (hasChannel(set, index)) indices.push(index);
  return indices;
}
