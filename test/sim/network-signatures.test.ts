import { describe, expect, it } from 'vitest';
import type { StoredMessage } from '../../src/bus/port.ts';
import type { AreaId } from '../../src/core/area.ts';
import { toHex } from '../../src/core/bytes.ts';
import { areaAt, areaNamed } from '../../src/core/network-tree.ts';
import { decodeReceipt } from '../../src/core/receipt.ts';
import { decodeSeal } from '../../src/core/seal.ts';
import { splitSigned } from '../../src/core/signed.ts';
import { decodeTotal } from '../../src/core/total.ts';
import { NOON } from '../support/world.ts';
import { RunningNetwork } from './running-network.ts';

/** One meter of each town, so that all towns wait for the close. */
function silentMeters(network: RunningNetwork): number[] {
  const towns = new Map(
    network.world.meters.map(({ area }, meter) => [area.slice(0, area.lastIndexOf('/')), meter]),
  );
  return [...towns.values()];
}

const signaturesOf = (messages: readonly Uint8Array[], kind: 'seal' | 'receipt') =>
  new Set(messages.map((bytes) => toHex(splitSigned(kind, bytes)!.signature)));

const sealsOf = (messages: readonly StoredMessage[]) =>
  messages.map(({ data }) => decodeSeal(data)!).filter(({ header }) => header.interval === NOON);

describe('the signatures of a running network', () => {
  it('are one for all towns of an aggregator that close together', async () => {
    await using network = await RunningNetwork.start();
    await network.advance(NOON, 1);
    await network.send(NOON, silentMeters(network));
    await network.advance(NOON, 100);
    const nodeOf = (area: AreaId) => areaNamed(network.world.network, area)!;
    const isTown = (area: AreaId) => nodeOf(area).streetChildren.length > 0;
    const towns = sealsOf(await network.stored('SEALS')).filter((seal) => isTown(seal.header.area));
    const parties = towns.map(({ header }) => nodeOf(header.area).aggregator);
    expect(towns.length).toBeGreaterThan(new Set(parties).size);
    const headers = towns.map(({ signedHeader }) => signedHeader);
    expect(signaturesOf(headers, 'seal').size).toBe(new Set(parties).size);
    // Each stands by itself, and its total carries the same bytes.
    const totals = (await network.stored('TOTALS')).map(({ data }) => decodeTotal(data)!);
    for (const { header, signedHeader } of towns) {
      const total = totals.find((t) => t.header.interval === NOON && t.header.area === header.area);
      expect(total?.signedHeader).toEqual(signedHeader);
    }
    expect(network.opened.has(NOON)).toBe(true);
    expect(network.reports.flatMap(({ alerts }) => alerts)).toEqual([]);
    expect(network.errors).toEqual([]);
  });

  it('are one for all receipts of a turn, which every meter takes', async () => {
    await using network = await RunningNetwork.start();
    const silent = silentMeters(network);
    await network.advance(NOON, 1);
    await network.send(NOON, silent);
    await network.advance(NOON, 31);
    const receiptOf = (bytes: Uint8Array) => decodeReceipt(splitSigned('receipt', bytes)!.body)!;
    const receipts = (await network.stored('RECEIPTS'))
      .map(({ data }) => data)
      .filter((bytes) => receiptOf(bytes).interval === NOON);
    const { areas } = network.world.network;
    const parties = receipts.map((bytes) => {
      const street = areaNamed(network.world.network, receiptOf(bytes).area)!;
      return areaAt(network.world.network, street.parent!).aggregator;
    });
    expect(receipts).toHaveLength([...areas].filter(({ street }) => street !== undefined).length);
    expect(signaturesOf(receipts, 'receipt').size).toBe(new Set(parties).size);
    // Only those who were silent have anything to send again.
    expect(await network.fleet.resend()).toBe(silent.length);
    expect(network.errors).toEqual([]);
  });
});
