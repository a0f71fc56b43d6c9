// A trustee that commits as fast as it can until it is killed (crash.test.ts). Every line that it
// prints is something that it would have said to others, after the store had it:
//   bound <interval> <seal digest> <ledger sequence>
//   keys <epoch>

import { randomBytes } from 'node:crypto';
import { writeSync } from 'node:fs';
import { areaId } from '../../src/core/area.ts';
import { toHex } from '../../src/core/bytes.ts';
import { epoch, intervalIndex } from '../../src/core/interval.ts';
import type { MaskSumRecord } from '../../src/roles/trustee.ts';
import { StoreError } from '../../src/store/errors.ts';
import { openTrusteeStore } from '../../src/store/trustee-store.ts';

const AREA = areaId('es/md');
const STREETS = Array.from({ length: 40 }, (_, at) => areaId(`es/md/s${at}`));

const store = openTrusteeStore(process.argv[2] as string);
const ledger = store.loadLedger(0);
const lastBinding = ledger.bindings.reduce<number>(
  (last, { interval }) => Math.max(last, interval),
  0,
);
let sequence = ledger.ledgerSequence;
let day = store.keys.load()[0]?.epoch ?? 0;

// What was bound before the crash is bound: another seal for it must be refused.
if (lastBinding > 0) {
  try {
    commit(lastBinding, randomBytes(32));
    writeSync(1, `broken ${lastBinding}\n`);
  } catch (error) {
    if (!(error instanceof StoreError) || error.code !== 'conflicting-binding') throw error;
    sequence--;
  }
}
for (let interval = lastBinding + 1; ; interval++) {
  const digest = randomBytes(32);
  commit(interval, digest);
  writeSync(1, `bound ${interval} ${toHex(digest)} ${sequence}\n`);
  if (interval % 7 !== 0) continue;
  day++;
  const keys = new Uint8Array(32 * 30).fill(day & 255);
  store.keys.replaceAll(STREETS.map((street) => ({ street, epoch: epoch(day), keys })));
  writeSync(1, `keys ${day}\n`);
}

/** Sums are made from the digest, so that whoever reads them can tell whose they are. */
function commit(interval: number, digest: Uint8Array): void {
  sequence++;
  const records = Array.from(
    { length: 30 },
    (_, index): MaskSumRecord => ({
      kind: 'cell',
      index,
      channel: 0,
      interval: intervalIndex(interval),
      status: 'released',
      sums: new BigUint64Array(digest.slice().buffer),
      setDigest: digest,
      sealDigest: digest,
      coverage: 95,
    }),
  );
  store.commitSeal({
    bindings: [{ area: AREA, interval: intervalIndex(interval), sealDigest: digest }],
    records,
    ledgerSequence: sequence,
    ledgerHead: digest,
    entry: digest,
  });
}
