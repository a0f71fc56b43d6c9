// Our own vectors, version 1, for whoever writes a meter or another party in another language: made
// again from their seeds, rebuilt from the published inputs by nothing but the RFCs' arithmetic, and
// the messages that must be refused, refused with the reason that stands beside them.

import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { areaId } from '../../src/core/area.ts';
import { fromHex, toHex, u16, u32, utf8 } from '../../src/core/bytes.ts';
import { decodeGrant } from '../../src/core/grant.ts';
import { createHpkeKeyPair, type HpkeKeyPair } from '../../src/core/hpke.ts';
import { decodeLedgerEntry } from '../../src/core/ledger.ts';
import { decodeNetworkDocument } from '../../src/core/network.ts';
import { type VerifiedNetwork, verifyBundle } from '../../src/core/network-bundle.ts';
import { decodeAlert } from '../../src/core/notice.ts';
import { decodeReceipt } from '../../src/core/receipt.ts';
import { decodeRoster } from '../../src/core/roster.ts';
import { decodeSeal } from '../../src/core/seal.ts';
import {
  createSigner,
  type MessageKind,
  openSigned,
  splitSigned,
  verifyEd25519,
} from '../../src/core/signed.ts';
import { decodeTotal } from '../../src/core/total.ts';
import { decodeUnmaskRequest } from '../../src/core/unmask.ts';
import { bytesOfWords, wordsOfBytes } from '../../src/core/words.ts';
import { createAggregator } from '../../src/roles/aggregator.ts';
import { createTrustee } from '../../src/roles/trustee.ts';
import { handleSeal } from '../../src/roles/trustee-seal.ts';
import { chacha20Block, chacha20Poly1305 } from '../reference/chacha20.ts';
import { handleReading } from '../support/handle-reading.ts';
import { createProtocolVectors } from '../vectors/make-protocol-vectors.ts';

interface MeterVector {
  readonly slot: number;
  readonly channels: number;
  readonly componentKeys: readonly string[];
  readonly authenticationKey: string;
  readonly readingsWh: readonly (number | null)[];
  readonly maskSum: string;
  readonly maskedWords: string;
  readonly frame: string;
  readonly isSent: boolean;
}

const vector = JSON.parse(
  readFileSync(new URL('../vectors/protocol-v1.json', import.meta.url), 'utf8'),
);
const meters: readonly MeterVector[] = vector.frames.meters;
const INTERVAL: number = vector.frames.interval;

function hash(...parts: readonly (Uint8Array | string)[]): string {
  const state = createHash('sha256');
  for (const part of parts) state.update(part);
  return state.digest('hex');
}

/** The hash of a Merkle tree as RFC 6962 section 2.1 defines it, recursively. */
function merkle(leaves: readonly string[]): string {
  if (leaves.length === 0) return hash();
  if (leaves.length === 1) return hash(Uint8Array.of(0), fromHex(leaves[0]!));
  let split = 1;
  while (2 * split < leaves.length) split *= 2;
  const [left, right] = [merkle(leaves.slice(0, split)), merkle(leaves.slice(split))];
  return hash(Uint8Array.of(1), fromHex(left), fromHex(right));
}

function wordsOf(hex: string): bigint[] {
  return [...(wordsOfBytes(fromHex(hex)) ?? [])];
}

function wrap(value: bigint): bigint {
  return BigInt.asUintN(64, value);
}

describe('the protocol vectors, version 1', () => {
  it('come out the same from their seeds', async () => {
    expect(JSON.parse(JSON.stringify(await createProtocolVectors()))).toEqual(vector);
  });
});

describe('by nothing but the RFCs, a stranger rebuilds', () => {
  it('intervals and epochs', () => {
    for (const time of vector.time) {
      const index = Math.floor(time.unixSeconds / time.intervalSeconds);
      expect(time.intervalIndex).toBe(index);
      expect(time.startSeconds).toBe(index * time.intervalSeconds);
      expect(time.endSeconds).toBe((index + 1) * time.intervalSeconds);
      expect(time.epoch).toBe(Math.floor(time.startSeconds / 86_400));
    }
  });

  it('the ratchet', () => {
    let key = fromHex(vector.ratchet.key);
    for (let step = 1; step <= 10; step++) {
      key = chacha20Block(key, 0, utf8('streetwatt/r')).subarray(0, 32);
      if (step === 1) expect(toHex(key)).toBe(vector.ratchet.next);
    }
    expect(toHex(key)).toBe(vector.ratchet.afterTen);
  });

  it('mask words', () => {
    for (const { key, interval, words } of vector.mask)
      expect(toHex(chacha20Block(fromHex(key), interval, utf8('streetwatt/m')))).toBe(words);
  });

  it('the frame context', () => {
    const digest = fromHex(vector.network.meterPolicyDigest);
    const context = hash('streetwatt/v1', digest, vector.frames.street).slice(0, 32);
    expect(vector.frames.context).toBe(context);
  });

  it.each(meters)('the frame of slot $slot, from keys and reading to the tag', (meter) => {
    const masks = new BigUint64Array(8);
    for (const key of meter.componentKeys) {
      const block = chacha20Block(fromHex(key), INTERVAL, utf8('streetwatt/m'));
      for (const [channel, word] of wordsOfBytes(block)!.entries()) masks[channel]! += word;
    }
    expect(toHex(bytesOfWords(masks))).toBe(meter.maskSum);
    // Masks go by the channel's index in the network, words stand without gaps.
    const words = meter.readingsWh.flatMap((value, channel) =>
      value === null ? [] : [wrap(BigInt(value) + masks[channel]!)],
    );
    expect(wordsOf(meter.maskedWords)).toEqual(words);
    const head = [1, meter.channels, ...u32(meter.slot), ...u32(INTERVAL)];
    const untagged = Uint8Array.of(...head, ...bytesOfWords(BigUint64Array.from(words)));
    const context = fromHex(vector.frames.context);
    const { tag } = chacha20Poly1305(
      fromHex(meter.authenticationKey),
      Uint8Array.of(...u32(INTERVAL), ...context.subarray(0, 8)),
      Uint8Array.of(...context, ...untagged),
      new Uint8Array(0),
    );
    expect(meter.frame).toBe(toHex(untagged) + toHex(tag));
    expect(meter.frame.length / 2).toBe({ 1: 34, 5: 42, 7: 50 }[meter.channels]);
  });

  it('the masked totals of the frames that were sent, modulo 2^64', () => {
    const sums = [0n, 0n, 0n];
    for (const meter of meters.filter(({ isSent }) => isSent)) {
      const words = wordsOf(meter.maskedWords);
      for (const channel of [0, 1, 2])
        if ((meter.channels >> channel) & 1) sums[channel] = wrap(sums[channel]! + words.shift()!);
    }
    // Export has four contributors, one below the minimum.
    expect(vector.total.cellWords.map(wordsOf)).toEqual([[sums[0]], [0n], [sums[2]]]);
    expect(wordsOf(vector.total.areaWords)).toEqual([sums[0], 0n, sums[2]]);
    expect(vector.seal.decisions).toEqual(['00', '01', '00']);
  });

  it('set digest, frames root, children root and seal digest', () => {
    const { seal, network, roster } = vector;
    const sent = meters.filter((meter) => meter.isSent);
    expect(seal.contributors).toBe('6f');
    expect(seal.frameDigests).toEqual(
      sent.map(({ frame }) => hash('streetwatt/frame/1', fromHex(frame))),
    );
    expect(seal.framesRoot).toBe(
      hash('streetwatt/frames/1', ...sent.map(({ frame }) => fromHex(frame))),
    );
    const area = utf8(roster.area);
    expect(seal.setDigest).toBe(
      hash(
        'streetwatt/set/1',
        fromHex(network.digest),
        u16(area.length),
        area,
        u32(INTERVAL),
        fromHex(roster.digest),
        u32(1),
        fromHex(seal.contributors),
      ),
    );
    // One street, no area child, and an empty CBOR array of dissolved presences.
    expect(seal.childrenRoot).toBe(
      hash(
        'streetwatt/children/1',
        fromHex(seal.setDigest),
        fromHex(seal.framesRoot),
        Uint8Array.of(0x80),
      ),
    );
    expect(seal.digest).toBe(hash('streetwatt/seal/1', fromHex(seal.headerBody)));
  });

  it('salt and digest of the total', () => {
    const { total, seal, parties } = vector;
    expect(total.saltKey).toBe(hash('streetwatt/salt-key/1', fromHex(parties.aggregator.hpkeSeed)));
    const root = fromHex(seal.childrenRoot);
    expect(total.salt).toBe(hash('streetwatt/salt/1', fromHex(total.saltKey), u32(INTERVAL), root));
    const words = [total.areaWords, ...total.cellWords].map(fromHex);
    expect(total.digest).toBe(hash('streetwatt/total/1', fromHex(total.salt), ...words));
  });

  it('digests of network document, roster and ledger entry', () => {
    const { network, roster, ledger } = vector;
    expect(network.digest).toBe(hash('streetwatt/network/1', fromHex(network.document)));
    expect(roster.digest).toBe(hash('streetwatt/roster/1', fromHex(roster.body)));
    expect(ledger.digest).toBe(hash('streetwatt/ledger/1', fromHex(ledger.body)));
  });

  it('the street’s net load and production from any two trustees’ answers', () => {
    const { answers, opened } = vector.unmask;
    const pairs = [
      [0, 1],
      [0, 2],
      [1, 2],
    ] as const;
    for (const channel of [0, 2]) {
      for (const pair of pairs) {
        const sums = new Map<number, bigint>();
        for (const { components, results } of pair.map((trustee) => answers[trustee]))
          for (const [at, sum] of wordsOf(results[channel].sums).entries())
            sums.set(components[at], sum);
        expect(sums.size).toBe(3);
        const maskSum = [...sums.values()].reduce((total, sum) => total + sum, 0n);
        const masked = wordsOf(vector.total.cellWords[channel])[0]!;
        expect(BigInt.asIntN(64, masked - maskSum)).toBe(BigInt(opened[channel]));
      }
      const sent = meters.filter((meter) => meter.isSent);
      const plain = sent.reduce((sum, { readingsWh }) => sum + (readingsWh[channel] ?? 0), 0);
      expect(opened[channel]).toBe(plain);
    }
    expect(opened[1]).toBe('too-few');
    for (const { results } of answers)
      expect([results[1].status, results[1].sums]).toEqual(['too-few', '']);
  });
});

describe('the batch of the vectors', () => {
  const { batch } = vector;
  const key = fromHex(vector.parties.aggregator.publicKey);

  it('is one signature over the tree of its blinded inputs', () => {
    const label = toHex(utf8('streetwatt/1 receipt\0'));
    for (const [index, body] of batch.bodies.entries())
      expect(batch.leaves[index]).toBe(batch.blinds[index] + label + body);
    expect(batch.root).toBe(merkle(batch.leaves));
    expect(batch.signed).toBe(`${toHex(utf8('streetwatt/1 batch\0'))}03000000${batch.root}`);
    expect(verifyEd25519(fromHex(batch.signature), fromHex(batch.signed), key)).toBe(true);
  });

  it('stands in each of its messages, which opens by itself', () => {
    const [a, b, c] = batch.leaves.map((leaf: string) => merkle([leaf]));
    const ab = hash(Uint8Array.of(1), fromHex(a + b));
    expect(batch.paths).toEqual([b + c, a + c, ab]);
    for (const [index, message] of batch.messages.entries()) {
      const nodes = index === 2 ? '01' : '02';
      const head = `020c0${index}00000003000000${nodes}`;
      expect(message).toBe(
        head + batch.blinds[index] + batch.signature + batch.paths[index] + batch.bodies[index],
      );
      const body = openSigned('receipt', fromHex(message), [key], verifyEd25519);
      expect(body && toHex(body)).toBe(batch.bodies[index]);
    }
  });

  it.each(batch.bad as { name: string; message: string }[])('refuses one $name', ({ message }) => {
    for (const kind of ['receipt', 'ledger'] as const)
      expect(openSigned(kind, fromHex(message), [key], verifyEd25519)).toBeUndefined();
  });
});

describe('every message of the vectors', () => {
  it.each<[string, (bytes: Uint8Array) => unknown, () => string]>([
    ['network document', decodeNetworkDocument, () => vector.network.document],
    ['roster', decodeRoster, () => vector.roster.body],
    ['seal', decodeSeal, () => vector.seal.seal],
    ['total', decodeTotal, () => vector.total.total],
    ['ledger entry', decodeLedgerEntry, () => vector.ledger.body],
    ['receipt', decodeReceipt, () => vector.receipt.body],
    ['alert', decodeAlert, () => vector.alert.body],
    ['grant', decodeGrant, () => vector.grant.body],
  ])('(%s) decodes', (_, decode, hex) => {
    expect(decode(fromHex(hex()))).toBeDefined();
  });

  it.each<[MessageKind, () => [string, string]]>([
    ['roster', () => [vector.roster.signed, vector.parties.registrar.publicKey]],
    ['seal', () => [vector.seal.signedHeader, vector.parties.aggregator.publicKey]],
    ['ledger', () => [vector.ledger.signed, vector.parties.trustees[1].publicKey]],
    ['receipt', () => [vector.receipt.signed, vector.parties.aggregator.publicKey]],
    ['alert', () => [vector.alert.signed, vector.parties.auditor.publicKey]],
    ['grant', () => [vector.grant.signed, vector.parties.registrar.publicKey]],
    ['unmask-request', () => [vector.unmask.request, vector.parties.monitor.publicKey]],
    [
      'unmask-answer',
      () => [vector.unmask.answers[2].signed, vector.parties.trustees[2].publicKey],
    ],
  ])('(%s) is signed by its party', (kind, signed) => {
    const [bytes, key] = signed().map(fromHex) as [Uint8Array, Uint8Array];
    expect(openSigned(kind, bytes, [key], verifyEd25519)).toBeDefined();
  });

  it('asks for what the answers answer', () => {
    const body = splitSigned('unmask-request', fromHex(vector.unmask.request))!.body;
    const request = decodeUnmaskRequest(body)!;
    expect(request.targets).toEqual(vector.unmask.targets);
    expect(toHex(request.nonce)).toBe(vector.unmask.nonce);
    expect(toHex(request.grant)).toBe(vector.grant.signed);
  });
});

describe('every bad message of the vectors', () => {
  let network: VerifiedNetwork;
  let keyPair: HpkeKeyPair;

  beforeAll(async () => {
    const { parties } = vector;
    const publicKeys: Uint8Array[] = parties.trustees.map((t: { publicKey: string }) =>
      fromHex(t.publicKey),
    );
    const verified = verifyBundle(
      {
        document: fromHex(vector.network.document),
        registrarSignature: fromHex(vector.network.registrarSignature),
        trusteeSignatures: vector.network.trusteeSignatures.map(
          (signature: string, trustee: number) => ({ trustee, signature: fromHex(signature) }),
        ),
        rosters: [fromHex(vector.roster.signed)],
        attestations: vector.network.attestations.map(fromHex),
      },
      { kind: 'first', registrar: fromHex(parties.registrar.publicKey), trustees: publicKeys },
      verifyEd25519,
    );
    if (typeof verified === 'string') throw new Error(verified);
    network = verified;
    keyPair = await createHpkeKeyPair(fromHex(parties.aggregator.hpkeSeed));
  });

  it('(frames) is refused with the reason beside it, and the good one is taken', () => {
    for (const { name, message, rejected } of [
      ...vector.bad.frames,
      { name: 'good', message: meters[0]!.frame },
    ]) {
      const aggregator = createAggregator({
        network,
        signer: createSigner(fromHex(vector.parties.aggregator.seed)),
        verify: verifyEd25519,
        keyPair,
        epoch: network.document.fromEpoch,
        keysOf: () => fromHex(meters.map(({ authenticationKey }) => authenticationKey).join('')),
      });
      const atSeconds = (INTERVAL + 1) * 900 + 5;
      const { accepted } = handleReading(aggregator, areaId('es/m/s'), fromHex(message), atSeconds);
      const reasons = [...aggregator.rejected.keys()];
      expect([name, accepted, ...reasons]).toEqual(
        rejected === undefined ? [name, 1] : [name, 0, rejected],
      );
    }
  });

  it('(seals) is refused with the reason beside it, and the good one is summed', () => {
    for (const { name, seal, rejected } of [
      ...vector.bad.seals,
      { name: 'good', seal: vector.seal.seal },
    ]) {
      const trustee = createTrustee({
        network,
        index: 0,
        signer: createSigner(fromHex(vector.parties.trustees[0].seed)),
        verify: verifyEd25519,
        epoch: network.document.fromEpoch,
        keysOf: () =>
          fromHex(meters.map((m) => m.componentKeys[0]! + m.componentKeys[1]!).join('')),
      });
      const outcome = handleSeal(trustee, fromHex(seal), (INTERVAL + 1) * 900 + 60);
      const reason = outcome.kind === 'rejected' ? outcome.reason : undefined;
      expect([name, reason]).toEqual([name, rejected]);
    }
  });
});
