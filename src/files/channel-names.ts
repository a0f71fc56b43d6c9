// The channels as the files name them. They are the default channels of the network (design.md
// section 2), in the network document's order.

export type ChannelName = 'net' | 'export' | 'production';

export const CHANNEL_NAMES: readonly ChannelName[] = ['net', 'export', 'production'];

/** `net+export` as names in the network's order; undefined unless known, distinct and with net. */
export function parseChannelNames(text: string): readonly ChannelName[] | undefined {
  const given = text.split('+', CHANNEL_NAMES.length + 1).map((name) => name.trim());
  const channels = CHANNEL_NAMES.filter((name) => given.includes(name));
  return channels.length === given.length && channels[0] === 'net' ? channels : undefined;
}
