// Every decoder by its protocol's name, in the order in which `auto` prefers them.

import type { Decoder, Protocol } from './telegram.ts';

export const DECODERS: readonly Decoder[] = [];

export function decoderOf(protocol: Protocol): Decoder | undefined {
  return DECODERS.find((decoder) => decoder.protocol === protocol);
}
