// Notices on an area's subject (design.md section 7): alerts, by which everyone knows that a total is
// not the sum of its frames. Each is signed by an auditor. They name no more than one frame's slot.

import { z } from 'zod';
import { type AreaId, parseAreaId } from './area.ts';
import { decodeCbor, encodeCbor } from './cbor.ts';
import { MAX_CHANNELS } from './channel.ts';
import { DIGEST_BYTES } from './digest.ts';
import { bytesOf, u32Field } from './fields.ts';
import type { IntervalIndex } from './interval.ts';

const areaField = z.string().refine((text) => parseAreaId(text) !== undefined);

/** What an auditor found wrong about one area's seal or total. */
export type AlertFinding =
  | 'bad-seal'
  | 'wrong-total'
  | 'wrong-decision'
  | 'missing-frame'
  | 'left-out-frame';

const FINDINGS = [
  'bad-seal',
  'wrong-total',
  'wrong-decision',
  'missing-frame',
  'left-out-frame',
] as const;

export interface Alert {
  readonly area: AreaId;
  readonly interval: IntervalIndex;
  readonly sealDigest: Uint8Array;
  readonly finding: AlertFinding;
  /** The cells whose figures cannot stand, by channel and document index; empty for the whole area. */
  readonly cells: readonly (readonly [channel: number, cell: number])[];
  /** For a frame: the street and slot. */
  readonly detail: string;
}

const alertSchema = z.strictObject({
  area: areaField,
  interval: u32Field,
  sealDigest: bytesOf(DIGEST_BYTES),
  finding: z.enum(FINDINGS),
  cells: z
    .array(
      z.tuple([
        z
          .int()
          .min(0)
          .max(MAX_CHANNELS - 1),
        u32Field,
      ]),
    )
    .max(100_000),
  detail: z.string().max(1024),
});

export function encodeAlert(alert: Alert): Uint8Array {
  return encodeCbor({ ...alert, cells: alert.cells.map((cell) => [...cell]) });
}

export function decodeAlert(body: Uint8Array): Alert | undefined {
  return decodeCbor(body, alertSchema) as Alert | undefined;
}
