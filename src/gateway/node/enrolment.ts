// The meter's enrolment, made by itself (design.md section 6): identity and seeds are made here, the
// record goes to the registrar, and the first keys wait in a file of their own until a roster that
// the trustees have attested gives the record a slot. Then they move into the meter's store, and
// are erased here.
//
// Secret: the identity's seed and the waiting keys. Neither is ever logged; both files are 0600.

import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { open, rename, rm } from 'node:fs/promises';
import type { AreaId } from '../../core/area.ts';
import { hasBit } from '../../core/bitmap.ts';
import { equalBytes, toHex } from '../../core/bytes.ts';
import {
  createEnrolment,
  enrolmentDigest,
  enrolmentRandomBytes,
  type MeterKeys,
} from '../../core/enrolment.ts';
import { type Epoch, epochAt } from '../../core/interval.ts';
import { KEY_BYTES } from '../../core/mask.ts';
import type { VerifiedNetwork } from '../../core/network-bundle.ts';
import { areaAt, areaNamed } from '../../core/network-tree.ts';
import { type RosterEntry, type Slot, slot } from '../../core/roster.ts';
import type { Signer } from '../../core/signed.ts';
import { notWritable } from '../../files/file-error.ts';
import { createPlatformSigner } from '../../runtime/ed25519.ts';
import { aggregatorOfStreet } from '../../runtime/joining/street-host.ts';
import { readNodeKeys } from '../../runtime/node-config.ts';
import { type Database, openDatabase } from '../../store/database.ts';

const SCHEMA = [
  `CREATE TABLE waiting (
     id INTEGER PRIMARY KEY CHECK (id = 1), record BLOB NOT NULL, first_epoch INTEGER NOT NULL,
     keys BLOB NOT NULL
   ) STRICT;`,
];

/** Where a roster has put us. */
export interface EnrolledPlace {
  readonly slot: Slot;
  readonly entry: RosterEntry;
}

/** The meter's identity; made at the first start. @throws FileError */
export async function openIdentity(file: string): Promise<Signer> {
  if (!existsSync(file))
    await writeOnce(file, `${JSON.stringify({ seed: toHex(randomBytes(32)) })}\n`);
  return createPlatformSigner((await readNodeKeys(file)).seed);
}

/** @throws StoreError */
export function openEnrolmentStore(file: string): EnrolmentStore {
  return new EnrolmentStore(openDatabase(file, { kind: 'SWge', schema: SCHEMA }));
}

export class EnrolmentStore implements Disposable {
  readonly #database: Database;

  /** Use `openEnrolmentStore`. */
  constructor(database: Database) {
    this.#database = database;
  }

  get record(): Uint8Array | undefined {
    return this.#database.prepare('SELECT record FROM waiting').get()?.record as
      | Uint8Array
      | undefined;
  }

  /** The record and its keys, stored together: a record without keys would take a slot for nothing. */
  async create(
    network: VerifiedNetwork,
    street: AreaId,
    signer: Signer,
    nowMs: number,
  ): Promise<Uint8Array> {
    const { quorum, document } = network;
    const firstEpoch = epochAt(nowMs / 1000);
    const { record, keys } = await createEnrolment(
      {
        networkId: document.networkId,
        firstEpoch,
        quorum,
        recipients: {
          trustees: document.trustees.map((trustee) => trustee.hpkePublicKey),
          aggregator: aggregatorKeyOf(network, street),
        },
        signer,
      },
      new Uint8Array(randomBytes(enrolmentRandomBytes(quorum))),
    );
    const joined = Buffer.concat([...keys.componentKeys, keys.authenticationKey]);
    this.#database
      .prepare('INSERT INTO waiting VALUES (1, ?, ?, ?)')
      .run(record, firstEpoch, joined);
    joined.fill(0);
    return record;
  }

  /** undefined once they have moved to the meter's store. */
  waitingKeys(): MeterKeys | undefined {
    const row = this.#database.prepare('SELECT first_epoch, keys FROM waiting').get();
    const joined = row?.keys as Uint8Array | undefined;
    if (row === undefined || joined === undefined || joined.length === 0) return undefined;
    const keys: Uint8Array[] = [];
    for (let at = 0; at < joined.length; at += KEY_BYTES)
      keys.push(joined.subarray(at, at + KEY_BYTES));
    const authenticationKey = keys.pop() as Uint8Array;
    return { componentKeys: keys, authenticationKey, firstEpoch: row.first_epoch as Epoch };
  }

  /** The record stays, so that its digest is known; the keys are overwritten, in the log too. */
  eraseKeys(): void {
    this.#database.prepare('UPDATE waiting SET keys = zeroblob(length(keys))').run();
    this.#database.prepare("UPDATE waiting SET keys = x''").run();
    this.#database.eraseFreed();
  }

  [Symbol.dispose](): void {
    this.#database[Symbol.dispose]();
  }
}

/** Our slot, where the street's roster has our record and every trustee has attested it. */
export function findPlace(
  network: VerifiedNetwork,
  street: AreaId,
  identity: Uint8Array,
  record: Uint8Array,
): EnrolledPlace | undefined {
  const found = network.streets[areaNamed(network, street)?.index ?? -1];
  if (found === undefined) return undefined;
  const digest = enrolmentDigest(record);
  const at = found.roster.entries.findIndex(
    (entry) => equalBytes(entry.meter, identity) && equalBytes(entry.enrolmentDigest, digest),
  );
  if (at < 0 || !hasBit(found.attested, at)) return undefined;
  return { slot: slot(at), entry: found.roster.entries[at] as RosterEntry };
}

/** Whole or not at all; the registrar may look at any moment. @throws FileError */
export async function writeRecord(file: string, record: Uint8Array): Promise<void> {
  const part = `${file}.part`;
  await rm(part, { force: true });
  await writeOnce(part, record);
  await rename(part, file).catch((cause: unknown) => {
    throw notWritable(file, cause);
  });
}

function aggregatorKeyOf(network: VerifiedNetwork, street: AreaId): Uint8Array {
  const party = network.document.aggregators[aggregatorOfStreet(network, street) ?? -1];
  if (party !== undefined) return party.hpkePublicKey;
  const root = areaAt(network, network.roots[0] as number).id;
  throw new RangeError(`street: expected a street below ${root}, found ${street}`);
}

async function writeOnce(file: string, content: string | Uint8Array): Promise<void> {
  try {
    const handle = await open(file, 'wx', 0o600);
    try {
      await handle.writeFile(content);
      await handle.sync();
    } finally {
      await handle.close();
    }
  } catch (cause) {
    throw notWritable(file, cause);
  }
}
