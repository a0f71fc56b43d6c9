// Every decoder by its protocol's name, in the order in which `auto` prefers them.

import { DLMS } from './dlms/dlms.ts';
import { DSMR_P1 } from './dsmr-p1/dsmr-p1.ts';
import { IEC62056_21 } from './iec62056-21/iec62056-21.ts';
import { LINKY_TIC } from './linky-tic/linky-tic.ts';
import { MBUS } from './mbus/mbus.ts';
import { SML } from './sml/sml.ts';
import type { Decoder, Protocol } from './telegram.ts';
import { WMBUS } from './wmbus/wmbus.ts';

export const DECODERS: readonly Decoder[] = [
  SML,
  DSMR_P1,
  IEC62056_21,
  LINKY_TIC,
  DLMS,
  MBUS,
  WMBUS,
];

export function decoderOf(protocol: Protocol): Decoder | undefined {
  return DECODERS.find((decoder) => decoder.protocol === protocol);
}
