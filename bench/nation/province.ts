// One province's interval: its aggregator, and its part of each trustee; of one province all streets
// come on the map. Timed is what a party does between the interval's end and the map.

import type { AreaId } from '../../src/core/area.ts';
import type { IntervalIndex } from '../../src/core/interval.ts';
import { KEY_BYTES } from '../../src/core/mask.ts';
import { areaAt } from '../../src/core/network-tree.ts';
import {
  type AggregatorState,
  createAggregator,
  forgetIntervals,
  openArea,
} from '../../src/roles/aggregator.ts';
import { handleReadings, type ReadingMessage } from '../../src/roles/aggregator-intake.ts';
import { createReceipts } from '../../src/roles/aggregator-receipts.ts';
import { handleTotal } from '../../src/roles/monitor.ts';
import {
  createTrustee,
  intervalRecord,
  type MaskSumRecord,
  type SummedSeal,
  type TrusteeState,
} from '../../src/roles/trustee.ts';
import { askAndOpen, createNationMonitor } from './ask.ts';
import { checkFigures, checkTotals, type PlainArea } from './check.ts';
import { createVerifier, type NationContext } from './context.ts';
import { DEPTH } from './country.ts';
import { createProvince, type ProvinceData } from './province-data.ts';
import { sealAreas, sumAreas, takeChildren } from './seal-areas.ts';
import { type Measured, Stopwatch } from './stopwatch.ts';
import { FIRST_EPOCH } from './street-kinds.ts';

/** Bytes of readings that a node takes in at once. */
const TAKE_BYTES: number = 2 ** 20;
/** One province's receipts in so many are signed, to know what all would cost. */
const RECEIPT_SAMPLE = 16;

/** What goes up from a province, as a message between threads. */
export interface ProvinceResult {
  readonly province: number;
  readonly sealed: readonly { readonly seal: Uint8Array; readonly total: Uint8Array }[];
  /** By trustee: its sums of the province's areas, and what the seals above need of it. */
  readonly trustees: readonly {
    readonly areas: readonly MaskSumRecord[];
    readonly summed: SummedSeal;
  }[];
  readonly plain: readonly (readonly [area: number, sums: PlainArea])[];
  readonly readingCount: number;
  readonly measured: Measured;
  readonly prepareMs: number;
}

export async function runProvince(
  context: NationContext,
  province: number,
  isZoomed: boolean,
): Promise<ProvinceResult> {
  const { network, parties, kernel, interval } = context;
  const watch = new Stopwatch();
  const start = performance.now();
  const data = createProvince(network, kernel, province, interval, context.kindAt, context);
  const hosted = [province, ...data.municipalities, ...data.suburbs];
  const party = parties.aggregators[areaAt(network, province).aggregator];
  if (party === undefined) throw new Error('no aggregator hosts the province');
  const aggregator = createAggregator({
    network,
    kernel,
    signer: party.signer,
    verify: createVerifier(context),
    keyPair: party.keyPair,
    areas: hosted.map((area) => areaAt(network, area).id),
    keysOf: (street) => keysAt(data, data.authenticationKeys, street, 1),
    epoch: FIRST_EPOCH,
  });
  const trustees = data.trusteeKeys.map((keys, index) =>
    createNationTrustee(context, index, (street) => keysAt(data, keys, street, 2)),
  );
  // What a node has from the interval before: who may report what.
  for (const [street, held] of aggregator.streetKeys) {
    const { sets } = context.kindAt(street);
    held.sets = { epoch: FIRST_EPOCH, bySlot: sets };
    for (const trustee of trustees) trustee.sets.set(street, sets);
  }
  const prepareMs = performance.now() - start;

  // As a node does at the interval's end: a frame of an interval that is not open yet goes a longer way.
  watch.time('aggregator: take in', () => {
    for (const suburb of data.suburbs) openArea(aggregator, suburb, interval);
  });
  let accepted = 0;
  for (const batch of inBatches(data.messages))
    watch.time('aggregator: take in', () => {
      accepted += handleReadings(aggregator, batch).accepted;
    });
  if (accepted !== data.readingCount)
    throw new Error(`expected ${data.readingCount} frames taken in, found ${accepted}`);
  for (const message of data.messages) watch.send('frames', message.data.length);

  const suburbs = sealAreas(aggregator, data.suburbs, context, watch);
  takeChildren(aggregator, suburbs, context, 'aggregator: children', watch);
  const municipalities = sealAreas(aggregator, data.municipalities, context, watch);
  takeChildren(aggregator, municipalities, context, 'aggregator: children', watch);
  const sealed = [
    ...suburbs,
    ...municipalities,
    ...sealAreas(aggregator, [province], context, watch),
  ];
  const records = sumAreas(trustees, sealed, context, watch);
  if (province % RECEIPT_SAMPLE === 1 || isZoomed) signReceipts(aggregator, data, interval, watch);

  const plain = checkTotals(network, sealed, trustees, data.plain, interval);
  if (isZoomed) {
    const monitor = createNationMonitor(context, areaAt(network, province).id, DEPTH.street);
    watch.time('monitor', () => {
      for (const { total } of sealed) handleTotal(monitor, total);
    });
    const { opened, rows } = await askAndOpen(context, monitor, trustees, watch);
    checkFigures(monitor, opened, rows, plain);
  }
  forgetIntervals(aggregator, (interval + 1) as IntervalIndex);
  return {
    province,
    sealed: sealed.map(({ seal, total }) => ({ seal, total })),
    trustees: trustees.map((trustee, index) => ({
      areas: (records[index] ?? []).filter(({ kind }) => kind === 'area'),
      summed: intervalRecord(trustee, interval).seals.get(province) as SummedSeal,
    })),
    plain: [province, ...data.municipalities].map((area) => [area, plain.get(area) as PlainArea]),
    readingCount: data.readingCount,
    measured: watch.read(),
    prepareMs,
  };
}

export function createNationTrustee(
  context: NationContext,
  index: number,
  keysOf: (street: AreaId) => Uint8Array | undefined,
): TrusteeState {
  const { network, parties, kernel } = context;
  const party = parties.trustees[index];
  if (party === undefined) throw new RangeError(`trustee: expected one of three, found ${index}`);
  return createTrustee({
    network,
    index,
    signer: party.signer,
    verify: createVerifier(context),
    epoch: FIRST_EPOCH,
    keysOf,
    kernel,
  });
}

function keysAt(
  { places }: ProvinceData,
  keys: Uint8Array,
  street: AreaId,
  perMeter: number,
): Uint8Array | undefined {
  const place = places.get(street);
  if (place === undefined) return undefined;
  const [first, count] = place;
  return keys.subarray(perMeter * KEY_BYTES * first, perMeter * KEY_BYTES * (first + count));
}

function* inBatches(messages: readonly ReadingMessage[]): Generator<readonly ReadingMessage[]> {
  let batch: ReadingMessage[] = [];
  let byteCount = 0;
  for (const message of messages) {
    batch.push(message);
    byteCount += message.data.length;
    if (byteCount < TAKE_BYTES) continue;
    yield batch;
    batch = [];
    byteCount = 0;
  }
  yield batch;
}

/** A street's receipt tells its meters what was counted. They follow the map, and are not in its time. */
function signReceipts(
  aggregator: AggregatorState,
  { suburbs }: ProvinceData,
  interval: IntervalIndex,
  watch: Stopwatch,
): void {
  const start = performance.now();
  let count = 0;
  let byteCount = 0;
  for (const batch of createReceipts(aggregator, suburbs, interval)) {
    for (const { message } of batch) byteCount += message.length;
    count += batch.length;
  }
  watch.send('receipt sample us', 1000 * (performance.now() - start));
  watch.send('receipt sample bytes', byteCount);
  watch.send('receipt sample count', count);
}
