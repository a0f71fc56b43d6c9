// Prio3 (draft-irtf-cfrg-vdaf-08) as @divviup/prio3 has it, with two aggregators: a client shares its
// reading and proves that it is in range, the aggregators check the proof and add the shares. It
// proves more than Streetwatt does (the range, towards servers that see nothing), and pays for it.
// Prio3Sum is one instance a channel; Prio3SumVec takes the three channels in one.
//
// Bytes are the public share and both input shares; what the aggregators send one another is not
// counted, nor is the helper's expansion of its share from its seed, which the library does not offer.

import { Prio3Sum, Prio3SumVec } from '@divviup/prio3';
import {
  CHANNEL_COUNT,
  MAX_WH,
  type Reading,
  STREET_SLOTS,
  sumReadings,
} from '../data/home-readings.ts';
import { inTurn, prepareScheme, schemeHomes, streetOfHomes } from '../data/scheme.ts';
import { seededBytes } from '../data/seeded-bytes.ts';
import { assertAnswer, type Bench, type PreparedBench, type Scale } from '../harness/bench.ts';

const SHARES = 2;
const BITS = 16;
/** Measurements are unsigned: a reading goes up by this, a sum comes down by it once a meter. */
const OFFSET_WH: number = 2 ** (BITS - 1);
if (MAX_WH >= OFFSET_WH) throw new RangeError(`prio3: ${BITS} bits do not hold ${MAX_WH} Wh`);

/** About the square root of the 48 bits of a reading, as the draft recommends. */
const CHUNK_LENGTH = 7;

export const PRIO3_SUM: Bench = {
  id: 'peer.prio3-sum',
  async prepare(scale) {
    const vdaf = new Prio3Sum({ shares: SHARES, bits: BITS });
    return prepare('peer.prio3-sum', scale, {
      count: CHANNEL_COUNT,
      shard: (reading, channel, randomness) =>
        shardOne(vdaf, (reading[channel] as number) + OFFSET_WH, randomness),
      aggregate: async (reports) => [Number(await aggregateReports(vdaf, reports))],
      randomBytes: vdaf.nonceSize + vdaf.randSize,
    });
  },
};

export const PRIO3_SUMVEC: Bench = {
  id: 'peer.prio3-sumvec',
  async prepare(scale) {
    const vdaf = new Prio3SumVec({
      shares: SHARES,
      bits: BITS,
      length: CHANNEL_COUNT,
      chunkLength: CHUNK_LENGTH,
    });
    return prepare('peer.prio3-sumvec', scale, {
      count: 1,
      shard: (reading, _, randomness) =>
        shardOne(
          vdaf,
          reading.map((value) => value + OFFSET_WH),
          randomness,
        ),
      aggregate: async (reports) => (await aggregateReports(vdaf, reports)).map(Number),
      randomBytes: vdaf.nonceSize + vdaf.randSize,
    });
  },
};

type AnyPrio3<M, R> = Pick<
  Prio3Sum,
  | 'nonceSize'
  | 'verifyKeySize'
  | 'prepareInit'
  | 'unshardPreparationShares'
  | 'prepareNext'
  | 'aggregate'
  | 'encodePublicShare'
  | 'encodeInputShare'
> & {
  shard(measurement: M, nonce: Buffer, rand: Buffer): ReturnType<Prio3Sum['shard']>;
  unshard(parameter: null, shares: bigint[][], measurementCount: number): R;
};

interface Report {
  readonly nonce: Buffer;
  readonly shares: Awaited<ReturnType<Prio3Sum['shard']>>;
  readonly byteCount: number;
}

interface Instances {
  /** How many instances a reading takes. */
  readonly count: number;
  readonly randomBytes: number;
  shard(reading: Reading, instance: number, randomness: Buffer): Promise<Report>;
  /** The sums that one instance's reports hold, each still with its offsets. */
  aggregate(reports: readonly Report[]): Promise<number[]>;
}

async function prepare(id: string, scale: Scale, instances: Instances): Promise<PreparedBench> {
  const homes = schemeHomes(scale);
  const shardHome = async (home: number): Promise<Report[]> => {
    const reports: Report[] = [];
    for (let instance = 0; instance < instances.count; instance++) {
      const randomness = seededBytes(`${id}/${home}/${instance}`, instances.randomBytes);
      const reading = homes[home] as Reading;
      reports.push(await instances.shard(reading, instance, Buffer.from(randomness)));
    }
    return reports;
  };
  const sharded: Report[][] = [];
  for (const home of homes.keys()) sharded.push(await shardHome(home));
  const street = streetOfHomes(sharded);
  const serve = async (): Promise<number> => {
    let sum = 0;
    for (let instance = 0; instance < instances.count; instance++) {
      const sums = await instances.aggregate(street.map((reports) => reports[instance] as Report));
      for (const one of sums) sum += one - STREET_SLOTS * OFFSET_WH;
    }
    return sum;
  };
  const expected = sumReadings(streetOfHomes(homes)).reduce((sum, total) => sum + total);
  const found = await serve();
  assertAnswer(found === expected, `${id}: ${expected} Wh, ${found} found`);
  const bytes = (sharded[0] as Report[]).reduce((sum, { byteCount }) => sum + byteCount, 0);
  const next = inTurn([...homes.keys()]);
  return prepareScheme(id, bytes, {
    client: {
      itemsPerCall: 1,
      run: async () => (await shardHome(next())).reduce((sum, { byteCount }) => sum + byteCount, 0),
      expected: bytes,
    },
    server: { itemsPerCall: STREET_SLOTS, run: serve, expected },
  });
}

async function shardOne<M, R>(
  vdaf: AnyPrio3<M, R>,
  measurement: M,
  randomness: Buffer,
): Promise<Report> {
  const nonce = randomness.subarray(0, vdaf.nonceSize);
  const shares = await vdaf.shard(measurement, nonce, randomness.subarray(vdaf.nonceSize));
  const byteCount =
    vdaf.encodePublicShare(shares.publicShare).length +
    shares.inputShares.reduce((sum, share) => sum + vdaf.encodeInputShare(share).length, 0);
  return { nonce, shares, byteCount };
}

/** Both aggregators' work on these reports. @throws Error where a proof does not hold. */
async function aggregateReports<M, R>(
  vdaf: AnyPrio3<M, R>,
  reports: readonly Report[],
): Promise<R> {
  const verifyKey = Buffer.from(seededBytes('prio3/verify', vdaf.verifyKeySize));
  const outputs: bigint[][][] = [[], []];
  for (const { nonce, shares } of reports) {
    const states = [];
    for (const [aggregator, share] of shares.inputShares.entries())
      states.push(
        await vdaf.prepareInit(verifyKey, aggregator, null, nonce, shares.publicShare, share),
      );
    const message = await vdaf.unshardPreparationShares(
      null,
      states.map(({ preparationShare }) => preparationShare),
    );
    for (const [aggregator, { preparationState }] of states.entries()) {
      const done = vdaf.prepareNext(preparationState, message);
      if (!('outputShare' in done)) throw new Error('prio3: expected one round, found more');
      outputs[aggregator]?.push(done.outputShare);
    }
  }
  const shares = outputs.map((own) => vdaf.aggregate(null, own));
  return vdaf.unshard(null, shares, reports.length);
}
