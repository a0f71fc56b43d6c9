// start.enrol: meters enrolled per second, from nothing to keys at every party. Single: a record that
// each meter makes and signs by itself. Batch: one record of a provisioner for all. What each party
// spends is timed apart, and the rate is that of all of them on one core together.

import { createEnrolment, enrolmentRandomBytes, type MeterKeys } from '../../src/core/enrolment.ts';
import {
  batchMeterKeys,
  batchRandomBytes,
  createEnrolmentBatch,
} from '../../src/core/enrolment-batch.ts';
import type { EnrolmentRecipient } from '../../src/core/enrolment-seal.ts';
import type { EnrollerState } from '../../src/roles/enroller.ts';
import { handleBatch, handleEnrolment } from '../../src/roles/registrar.ts';
import type { RegistrarState } from '../../src/roles/registrar-slots.ts';
import { createPlatformSigner, platformPublicKey } from '../../src/runtime/ed25519.ts';
import { seededBytes } from '../data/seeded-bytes.ts';
import { assertAnswer, type Bench, type PreparedBench, type Timed } from '../harness/bench.ts';
import { FIRST_EPOCH } from '../nation/street-kinds.ts';
import {
  checkMeter,
  createEnrolmentParties,
  type EnrolmentParties,
  NETWORK_ID,
  QUORUM,
  type StreetKeys,
} from './enrol-parties.ts';

const SINGLE_METERS = { full: 20, quick: 4 };
/** Costs grow with the meters: of 50,000 each is as dear, and a round takes five times as long. */
const BATCH_METERS = { full: 10_000, quick: 500 };
const CHECKED_METERS = 20;

export const ENROL_SINGLE: Bench = {
  id: 'start.enrol.single',
  prepare: async (scale) => {
    const all = await createEnrolmentParties(SINGLE_METERS[scale]);
    const randoms = all.meterSeeds.map((_, meter) =>
      seededBytes(`enrol/random/${meter}`, enrolmentRandomBytes(QUORUM)),
    );
    const enrolAll = async () => {
      const made: { readonly record: Uint8Array; readonly keys: MeterKeys }[] = [];
      for (const [meter, seed] of all.meterSeeds.entries()) {
        const input = { ...inputOf(all), signer: createPlatformSigner(seed) };
        made.push(await createEnrolment(input, randoms[meter] as Uint8Array));
      }
      return made;
    };
    const made = await enrolAll();
    const records = made.map(({ record }) => record);
    return await prepareEnrolment('start.enrol.single', all, {
      maker: 'meter',
      make: async () => sizeOf((await enrolAll()).map(({ record }) => record)),
      records,
      keysOf: (meter) => (made[meter] as (typeof made)[number]).keys,
      assign: (registrar) => {
        for (const record of records) {
          const { kind } = handleEnrolment(registrar, record, all.context);
          assertAnswer(kind === 'assigned', 'a meter is refused');
        }
      },
    });
  },
};

export const ENROL_BATCH: Bench = {
  id: 'start.enrol.batch',
  prepare: async (scale) => {
    const all = await createEnrolmentParties(BATCH_METERS[scale]);
    const random = seededBytes('enrol/random', batchRandomBytes(QUORUM, all.meterSeeds.length));
    const makeIdentities = () => {
      const identities = new Uint8Array(32 * all.meterSeeds.length);
      for (const [meter, seed] of all.meterSeeds.entries())
        identities.set(platformPublicKey(seed), 32 * meter);
      return identities;
    };
    const meters = makeIdentities();
    const { signer } = all.parties.provisioner;
    const enrolAll = () => createEnrolmentBatch({ ...inputOf(all), signer, meters }, random);
    const { record, keys } = await enrolAll();
    return await prepareEnrolment('start.enrol.batch', all, {
      maker: 'provisioner',
      makeIdentities: () => sizeOf([makeIdentities()]),
      make: async () => sizeOf([(await enrolAll()).record]),
      records: [record],
      keysOf: (meter) => batchMeterKeys(keys, meter),
      assign: (registrar) => {
        const outcome = handleBatch(registrar, record, all.context);
        const isTaken =
          outcome.kind === 'batch' && outcome.meters.every(({ kind }) => kind === 'assigned');
        assertAnswer(isTaken, 'a batch, or a meter in it, is refused');
      },
    });
  },
};

interface Way {
  /** Who makes the records. */
  readonly maker: 'meter' | 'provisioner';
  /** Where one party makes them for all meters, apart from the record; how many bytes they have. */
  makeIdentities?(): number;
  /** Makes them anew; how many bytes they have. */
  make(): Promise<number>;
  readonly records: readonly Uint8Array[];
  keysOf(meter: number): MeterKeys;
  /** All of them at the registrar. */
  assign(registrar: RegistrarState): void;
}

async function prepareEnrolment(
  id: string,
  all: EnrolmentParties,
  { maker, makeIdentities, make, records, keysOf, assign }: Way,
): Promise<PreparedBench> {
  const meterCount = all.meterSeeds.length;
  const first = all.createRegistrar();
  assign(first);
  const rosters = all.signRosters(first);
  const takeInAs = (recipient: EnrolmentRecipient): Promise<StreetKeys> =>
    all.takeIn(all.createDesk(recipient), records, rosters);
  const trustees: StreetKeys[] = [];
  for (const index of all.parties.trustees.keys())
    trustees.push(await takeInAs({ kind: 'trustee', index }));
  const aggregator = await takeInAs({ kind: 'aggregator' });
  const step = Math.max(1, Math.floor(meterCount / CHECKED_METERS));
  for (let meter = 0; meter < meterCount; meter += step)
    checkMeter(meter, keysOf(meter), { trustees, aggregator });

  const part = (
    name: string,
    { reset = () => {}, run, expected }: Pick<Timed, 'run' | 'expected'> & { reset?: () => void },
  ): Timed => ({
    id: `${id}.${name}`,
    measure: { kind: 'cost', item: 'meter' },
    itemsPerCall: meterCount,
    reset,
    run,
    expected,
  });
  let registrar = first;
  let desk: EnrollerState;
  const opening = (name: string, recipient: EnrolmentRecipient, held: StreetKeys): Timed =>
    part(name, {
      reset: () => {
        desk = all.createDesk(recipient);
      },
      run: async () => sizeOf([...(await all.takeIn(desk, records, rosters)).values()]),
      expected: sizeOf([...held.values()]),
    });
  const timed = [
    ...(makeIdentities === undefined
      ? []
      : [part('identities', { run: makeIdentities, expected: 32 * meterCount })]),
    part(maker, { run: make, expected: sizeOf(records) }),
    part('registrar', {
      reset: () => {
        registrar = all.createRegistrar();
      },
      run: () => {
        assign(registrar);
        return sizeOf(all.signRosters(registrar));
      },
      expected: sizeOf(rosters),
    }),
    opening('trustee', { kind: 'trustee', index: 0 }, trustees[0] as StreetKeys),
    opening('aggregator', { kind: 'aggregator' }, aggregator),
  ];
  // Each of the trustees opens as much as the one that is timed.
  const others = all.parties.trustees.slice(1).map(() => `${id}.trustee`);
  const parts = [...timed.map((one) => one.id), ...others];
  return { timed, sums: [{ id, measure: { kind: 'rate', item: 'meter' }, parts }] };
}

function inputOf({ recipients }: EnrolmentParties) {
  return { networkId: NETWORK_ID, firstEpoch: FIRST_EPOCH, quorum: QUORUM, recipients };
}

function sizeOf(all: readonly Uint8Array[]): number {
  return all.reduce((sum, { length }) => sum + length, 0);
}
