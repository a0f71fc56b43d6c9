// Every decoder by its protocol's name, in the order in which `auto` prefers them.

import { C1219 } from './c1219/c1219.ts';
import { DLMS } from './dlms/dlms.ts';
import { DSMR_P1 } from './dsmr-p1/dsmr-p1.ts';
import { IEC61850 } from './iec61850/iec61850.ts';
import { IEC62056_21 } from './iec62056-21/iec62056-21.ts';
import { IEEE2030_5 } from './ieee2030-5/ieee2030-5.ts';
import { KNX } from './knx/knx.ts';
import { LINKY_TIC } from './linky-tic/linky-tic.ts';
import { MBUS } from './mbus/mbus.ts';
import { OSGP } from './osgp/osgp.ts';
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
  C1219,
  IEC61850,
  IEEE2030_5,
  KNX,
  OSGP,
];

export function decoderOf(protocol: Protocol): Decoder | undefined {
  return DECODERS.find((decoder) => decoder.protocol === protocol);
}
