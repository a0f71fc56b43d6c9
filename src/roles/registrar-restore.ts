// The registrar's desk as it was left: rebuilt from the rosters of the last network document and the
// enrolment records that they name, so that there is no second state that could disagree with what
// everybody else has verified. Nothing in it is secret.

import { concatBytes } from '../core/bytes.ts';
import { enrolmentDigest, readEnrolment } from '../core/enrolment.ts';
import { batchMeter, batchMeterCount, readEnrolmentBatch } from '../core/enrolment-batch.ts';
import { type Roster, type RosterEntry, slot } from '../core/roster.ts';
import { MESSAGE_KINDS, type VerifySignature } from '../core/signed.ts';
import { bytesKey, claimSlot } from './enroller-index.ts';
import type { RegistrarState } from './registrar-slots.ts';

/** What a record says of the meters that it enrols. */
interface KnownRecord {
  readonly provisioner: Uint8Array | undefined;
  /** Identity to commitments, 32 bytes each. */
  readonly commitments: ReadonlyMap<string, Uint8Array>;
}

/**
 * Fills a fresh state. Returns the number of entries whose record is not among `records`: with one
 * missing, a commitment could be used a second time, so the caller should not go on.
 */
export function restoreRegistrar(
  state: RegistrarState,
  rosters: readonly Roster[],
  records: readonly Uint8Array[],
  verify: VerifySignature,
): number {
  const known = new Map<string, KnownRecord>();
  for (const bytes of records) {
    const record = readKnown(bytes, verify);
    if (record !== undefined) known.set(bytesKey(enrolmentDigest(bytes)), record);
  }
  let missingCount = 0;
  for (const { area, version, entries } of rosters) {
    state.streets.set(area, { entries: [...entries], version, isChanged: false });
    for (const [at, entry] of entries.entries()) {
      const record = known.get(bytesKey(entry.enrolmentDigest));
      const commitments = record?.commitments.get(bytesKey(entry.meter));
      if (record === undefined || commitments === undefined) {
        missingCount++;
        continue;
      }
      const { fromEpoch, untilEpoch } = entry;
      const claim = { area, slot: slot(at), fromEpoch, untilEpoch };
      claimSlot(state.index, claim, entry.meter, commitments);
      if (record.provisioner === undefined) state.records.add(bytesKey(entry.enrolmentDigest));
      if (isLater(state, entry))
        state.current.set(bytesKey(entry.meter), {
          area,
          slot: slot(at),
          provisioner: record.provisioner,
        });
    }
  }
  return missingCount;
}

/** The slot that stands for an identity is the one that ends last. */
function isLater(state: RegistrarState, entry: RosterEntry): boolean {
  const current = state.current.get(bytesKey(entry.meter));
  const other = current && state.streets.get(current.area)?.entries[current.slot];
  if (other === undefined) return true;
  return entry.untilEpoch !== other.untilEpoch
    ? entry.untilEpoch > other.untilEpoch
    : entry.fromEpoch >= other.fromEpoch;
}

function readKnown(bytes: Uint8Array, verify: VerifySignature): KnownRecord | undefined {
  if (bytes[1] !== MESSAGE_KINDS['enrolment-batch']) {
    const record = readEnrolment(bytes, verify);
    if (typeof record === 'string') return undefined;
    const commitments = concatBytes(...record.commitments);
    return {
      provisioner: undefined,
      commitments: new Map([[bytesKey(record.meter), commitments]]),
    };
  }
  const batch = readEnrolmentBatch(bytes, verify);
  if (typeof batch === 'string') return undefined;
  const count = batchMeterCount(batch);
  const stride = batch.commitments.length / count;
  const commitments = new Map<string, Uint8Array>();
  for (let m = 0; m < count; m++) {
    const meter = bytesKey(batchMeter(batch, m));
    if (!commitments.has(meter))
      commitments.set(meter, batch.commitments.slice(m * stride, (m + 1) * stride));
  }
  return { provisioner: batch.provisioner, commitments };
}
