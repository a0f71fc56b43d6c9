// Every decoder by its protocol's name, in the order in which `auto` prefers them.

import { SML } from './sml/sml.ts';
import type { Decoder, Protocol } from './telegram.ts';

export const DECODERS: readonly Decoder[] = [SML];

export function decoderOf(protocol: Protocol): Decoder | undefined {
  return DECODERS.find((decoder) => decoder.protocol === protocol);
}
