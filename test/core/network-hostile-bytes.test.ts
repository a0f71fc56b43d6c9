// Everything from outside is hostile: every decoder, and every role behind it, given random bytes,
// flipped bits, truncations, lengths that promise gigabytes, nests without end. None throws, none
// hangs, none takes what is not whole, and good input afterwards is unaffected.

import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { openAnswer } from '../../src/core/answer-seal.ts';
import { areaId } from '../../src/core/area.ts';
import { decodeAttestation } from '../../src/core/attestation.ts';
import { concatBytes, utf8 } from '../../src/core/bytes.ts';
import { encodeCbor } from '../../src/core/cbor.ts';
import { splitFrames } from '../../src/core/frame.ts';
import { decodeGrant, encodeGrant, signGrant } from '../../src/core/grant.ts';
import { decodeLedgerEntry } from '../../src/core/ledger.ts';
import { decodeNetworkDocument } from '../../src/core/network.ts';
import { decodeBundle, verifyBundle } from '../../src/core/network-bundle.ts';
import { compileNetwork } from '../../src/core/network-tree.ts';
import { decodeAlert, encodeAlert } from '../../src/core/notice.ts';
import { decodeReceipt, encodeReceipt } from '../../src/core/receipt.ts';
import { decodeRoster } from '../../src/core/roster.ts';
import { decodeSeal, decodeSealHeader, encodeSealHeader } from '../../src/core/seal.ts';
import { MESSAGE_KINDS, SIGNED_VERSION, signMessage, splitSigned } from '../../src/core/signed.ts';
import { decodeTotal } from '../../src/core/total.ts';
import { decodeUnmaskAnswer, decodeUnmaskRequest } from '../../src/core/unmask.ts';
import { handleChildSeal, handleChildTotal } from '../../src/roles/aggregator-children.ts';
import { observeReading, observeSeal, observeTotal } from '../../src/roles/auditor.ts';
import { checkInterval, signAlert } from '../../src/roles/auditor-check.ts';
import {
  createUnmaskRequest,
  handleAlert,
  handleAnswer,
  handleTotal,
  openInterval,
} from '../../src/roles/monitor.ts';
import { createLedgerEntry, handleLedgerEntry } from '../../src/roles/trustee-ledger.ts';
import { handleSeal } from '../../src/roles/trustee-seal.ts';
import { handleUnmaskRequest } from '../../src/roles/trustee-unmask.ts';
import { trustIn } from '../../src/runtime/sign-network.ts';
import { threadMs } from '../support/thread-time.ts';
import {
  createNodes,
  createWorld,
  grantOf,
  NOON,
  type Nodes,
  type Run,
  runInterval,
  verify,
  type World,
} from '../support/world.ts';

let world: World;
let run: Run;
let good: ReadonlyMap<string, Uint8Array>;

/** What each decoder says of bytes: undefined, a reason, or what it read. */
const DECODERS: Readonly<Record<string, (bytes: Uint8Array) => unknown>> = {
  seal: decodeSeal,
  sealHeader: decodeSealHeader,
  total: decodeTotal,
  request: decodeUnmaskRequest,
  answer: decodeUnmaskAnswer,
  ledger: decodeLedgerEntry,
  receipt: decodeReceipt,
  alert: decodeAlert,
  grant: decodeGrant,
  document: decodeNetworkDocument,
  bundle: decodeBundle,
  roster: decodeRoster,
  attestation: decodeAttestation,
};
const NAMES = Object.keys(DECODERS);

beforeAll(async () => {
  world = await createWorld();
  run = runInterval(world);
  const { seal, total } = run.published.get(areaId('es/r0'))!;
  const [trustee] = run.nodes.trustees;
  const request = createUnmaskRequest(run.nodes.monitor, NOON, new Uint8Array(16));
  const answered = handleUnmaskRequest(trustee!, request);
  if (answered.kind === 'rejected') throw new Error(answered.reason);
  const bindings = [{ area: areaId('es'), interval: NOON, sealDigest: new Uint8Array(32) }];
  const bodyOf = (kind: Parameters<typeof splitSigned>[0], bytes: Uint8Array) =>
    splitSigned(kind, bytes)!.body;
  good = new Map(
    Object.entries({
      seal,
      sealHeader: encodeSealHeader(decodeSeal(seal)!.header),
      total,
      request: bodyOf('unmask-request', request),
      answer: bodyOf('unmask-answer', answered.answer),
      ledger: bodyOf('ledger', createLedgerEntry(trustee!, bindings)),
      receipt: encodeReceipt({
        area: areaId('es/r0/m0/s0'),
        interval: NOON,
        accepted: Uint8Array.of(1),
      }),
      alert: encodeAlert({ ...bindings[0]!, finding: 'wrong-total', cells: [[0, 1]], detail: 'x' }),
      grant: encodeGrant(grantOf(world)),
      document: world.bundle.document,
      bundle: world.bundleBytes,
      roster: bodyOf('roster', world.bundle.rosters[0]!),
      attestation: bodyOf('attestation', world.bundle.attestations[0]!),
    }),
  );
});

/** A CBOR head: major type and an argument of 1, 2, 4 or 8 bytes. */
function head(major: number, argumentBytes: readonly number[]): Uint8Array {
  const info = { 1: 24, 2: 25, 4: 26, 8: 27 }[argumentBytes.length] as number;
  return Uint8Array.of((major << 5) | info, ...argumentBytes);
}

const FULL8 = new Array<number>(8).fill(255);
const HUGE = [0, 0, 0, 1, 0, 0, 0, 0];
const BOMBS: readonly (readonly [string, Uint8Array])[] = [
  ['nothing', new Uint8Array(0)],
  ['a version alone', Uint8Array.of(1)],
  ['a byte string of 4 GiB', head(2, HUGE)],
  ['a byte string of 2^64 bytes', head(2, FULL8)],
  ['a text of 2^31 bytes', head(3, [127, 255, 255, 255])],
  ['an array of 2^32 entries', head(4, HUGE)],
  ['an array of 2^64 entries', head(4, FULL8)],
  ['an array of 2^24 entries', head(4, [1, 0, 0, 0])],
  ['a map of 2^32 entries', head(5, HUGE)],
  ['a map of 2^64 entries', head(5, FULL8)],
  ['arrays of 2^32, nested', concatBytes(...new Array(64).fill(head(4, HUGE)))],
  ['an array without end', Uint8Array.of(0x9f, 1, 2, 3)],
  ['a byte string without end', Uint8Array.of(0x5f, 0x41, 1, 0xff)],
  ['100,000 arrays in one another', new Uint8Array(100_000).fill(0x81)],
  ['100,000 maps in one another', new Uint8Array(100_000).map((_, at) => (at % 2 ? 0x60 : 0xa1))],
  ['100,000 tags in one another', new Uint8Array(100_000).fill(0xc2)],
  [
    'a big integer of a megabyte',
    concatBytes(Uint8Array.of(0xc2), head(2, [0, 15, 66, 64]), new Uint8Array(1_000_000).fill(255)),
  ],
  ['a float', Uint8Array.of(0xfb, 0x7f, 0xf0, 0, 0, 0, 0, 0, 0)],
  ['undefined', Uint8Array.of(0xf7)],
  ['a reserved head', Uint8Array.of(0x1c)],
  ['a map that sets __proto__', encodeCbor({ ['__proto__']: { area: 'es' } })],
  ['text that is no UTF-8', Uint8Array.of(0x62, 0xff, 0xfe)],
];

describe('what every decoder does with hostile bytes', () => {
  it.each(NAMES)('%s: reads its own good bytes', (name) => {
    expect(DECODERS[name]!(good.get(name)!)).toBeDefined();
  });

  it.each(BOMBS)('none reads %s, none throws, none takes a second', (_, bomb) => {
    for (const name of NAMES) {
      const started = threadMs();
      expect(DECODERS[name]!(bomb), name).toBeUndefined();
      expect(DECODERS[name]!(concatBytes(Uint8Array.of(1), bomb)), name).toBeUndefined();
      expect(threadMs() - started, name).toBeLessThan(1000);
    }
  });

  it.each(NAMES)('%s: reads no truncation and no byte more', (name) => {
    const bytes = good.get(name)!;
    const step = Math.max(1, Math.floor(bytes.length / 60));
    for (let length = 0; length < bytes.length; length += step)
      expect(DECODERS[name]!(bytes.subarray(0, length))).toBeUndefined();
    expect(DECODERS[name]!(bytes.subarray(0, -1))).toBeUndefined();
    expect(DECODERS[name]!(concatBytes(bytes, Uint8Array.of(0)))).toBeUndefined();
    expect(DECODERS[name]!(concatBytes(bytes, bytes))).toBeUndefined();
  });

  it.each(NAMES)(
    '%s: never throws on flipped bits, and its good bytes still read the same',
    (name) => {
      const bytes = good.get(name)!;
      const before = DECODERS[name]!(bytes);
      fc.assert(
        fc.property(fc.nat(Math.min(bytes.length, 4000) - 1), fc.nat(7), (at, bit) => {
          const flipped = bytes.slice();
          flipped[at]! ^= 1 << bit;
          DECODERS[name]!(flipped);
        }),
        { numRuns: 100, seed: 11 },
      );
      expect(DECODERS[name]!(bytes)).toEqual(before);
    },
  );

  it.each(NAMES)('%s: reads no random bytes, with or without its version', (name) => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (noise) => {
        expect(DECODERS[name]!(noise)).toBeUndefined();
        expect(DECODERS[name]!(concatBytes(Uint8Array.of(1), noise))).toBeUndefined();
      }),
      { numRuns: 100, seed: 12 },
    );
  });

  it.each(NAMES)('%s: reads no other message', (name) => {
    for (const other of NAMES)
      if (other !== name) expect(DECODERS[name]!(good.get(other)!), other).toBeUndefined();
  });
});

describe('fields out of their range', () => {
  const header = () => decodeSeal(good.get('seal')!)!.header;
  const base = { area: 'es', interval: NOON, accepted: new Uint8Array(1) };

  it.each<[string, object]>([
    ['a missing field', { area: 'es', interval: NOON }],
    ['an unknown field', { ...base, extra: 1 }],
    ['an area with a wildcard', { ...base, area: 'es/*' }],
    ['an area with a dot', { ...base, area: 'es.md' }],
    ['an empty area', { ...base, area: '' }],
    ['an area of 17 tokens', { ...base, area: new Array(17).fill('a').join('/') }],
    ['a token of 65 characters', { ...base, area: 'a'.repeat(65) }],
    ['an area of a megabyte', { ...base, area: 'a'.repeat(2 ** 20) }],
    ['a negative interval', { ...base, interval: -1 }],
    ['an interval of 33 bits', { ...base, interval: 2 ** 32 }],
    ['an interval of 2^64 - 1', { ...base, interval: 2n ** 64n - 1n }],
    ['a fractional interval', { ...base, interval: 1.5 }],
    ['a text for an interval', { ...base, interval: '1' }],
    ['a bitmap above the largest roster', { ...base, accepted: new Uint8Array(8193) }],
    ['numbers for bytes', { ...base, accepted: [1, 2] }],
    ['a list of bitmaps', { ...base, accepted: [new Uint8Array(1)] }],
    ['a list in place of the map', [base]],
  ])('a receipt with %s is refused', (_, value) => {
    expect(decodeReceipt(encodeCbor(base))).toBeDefined();
    expect(decodeReceipt(encodeCbor(value))).toBeUndefined();
  });

  it('a key that stands twice is refused', () => {
    const twice = concatBytes(
      Uint8Array.of(0xa4),
      encodeCbor(base).subarray(1),
      encodeCbor('area'),
      encodeCbor('es'),
    );
    expect(decodeReceipt(twice)).toBeUndefined();
  });

  it.each<[string, object]>([
    ['a short digest', { totalDigest: new Uint8Array(31) }],
    ['nine channels', { decisions: new Array(9).fill(new Uint8Array(1)) }],
    ['no network', { network: null }],
  ])('a seal header with %s is refused', (_, change) => {
    expect(decodeSealHeader(encodeCbor({ ...header(), ...change }))).toBeUndefined();
  });
});

describe('encoded and decoded bytes', () => {
  it('are plain, never a Buffer whose slice would be the message itself', () => {
    for (let length = 0; length < 600; length += 7) {
      const encoded = encodeCbor([new Uint8Array(length)]);
      expect(encoded.constructor).toBe(Uint8Array);
    }
    const receipt = { area: areaId('es'), interval: NOON, accepted: new Uint8Array(100) };
    const read = decodeReceipt(Buffer.from(encodeReceipt(receipt)));
    expect(read?.accepted.constructor).toBe(Uint8Array);
  });
});

describe('signed messages', () => {
  const body = utf8('body');

  it('are one kind each: a signature of one is worth nothing on another', () => {
    const kinds = Object.keys(MESSAGE_KINDS) as (keyof typeof MESSAGE_KINDS)[];
    const message = signMessage('seal', body, world.parties.registrar.signer);
    for (const kind of kinds)
      expect(splitSigned(kind, message) !== undefined).toBe(kind === 'seal');
    expect(new Set(Object.values(MESSAGE_KINDS)).size).toBe(kinds.length);
  });

  it.each([0, 1, 2, 65])('of %i bytes are refused', (length) => {
    const bytes = Uint8Array.of(SIGNED_VERSION, MESSAGE_KINDS.seal, ...new Uint8Array(64));
    expect(splitSigned('seal', bytes.subarray(0, length))).toBeUndefined();
  });
});

describe('roles given hostile bytes', () => {
  function feed(nodes: Nodes, bytes: Uint8Array): void {
    for (const aggregator of nodes.aggregators) {
      handleChildSeal(aggregator, bytes, (NOON + 1) * 900 + 60);
      handleChildTotal(aggregator, bytes, (NOON + 1) * 900 + 60);
    }
    for (const trustee of nodes.trustees) {
      expect(handleSeal(trustee, bytes, (NOON + 1) * 900 + 60).kind).toBe('rejected');
      expect(handleLedgerEntry(trustee, bytes).kind).toBe('rejected');
      expect(handleUnmaskRequest(trustee, bytes).kind).toBe('rejected');
    }
    observeReading(nodes.auditor, 'es/r0/m0/s0', bytes, NOON * 900);
    expect(observeSeal(nodes.auditor, bytes)).toBeUndefined();
    expect(observeTotal(nodes.auditor, bytes)).toBeUndefined();
    expect(handleTotal(nodes.monitor, bytes)).toBeUndefined();
    expect(handleAlert(nodes.monitor, bytes)).toBeUndefined();
    expect(handleAnswer(nodes.monitor, NOON, 0, bytes)).toBe(false);
  }

  function wholeTotal(of: Run): number | undefined {
    return of.rows.get('es')?.energyWh[0];
  }

  it('count them and go on: the interval after them is exact', () => {
    const nodes = createNodes(world);
    const noise = fc.oneof(
      fc.uint8Array({ maxLength: 400 }),
      fc.constantFrom(...BOMBS.map(([, bomb]) => bomb)),
      fc
        .record({
          name: fc.constantFrom('seal', 'total'),
          at: fc.nat(200),
          bits: fc.integer({ min: 1, max: 255 }),
        })
        .map(({ name, at, bits }) => {
          const flipped = good.get(name)!.slice();
          flipped[at]! ^= bits;
          return flipped;
        }),
    );
    fc.assert(
      fc.property(noise, (bytes) => feed(nodes, bytes)),
      { numRuns: 120, seed: 13 },
    );
    expect(checkInterval(nodes.auditor, NOON)).toEqual([]);
    for (const figure of openInterval(nodes.monitor, NOON).figures)
      expect(figure).toEqual({ kind: 'withheld', reason: 'no-seal' });
    const after = runInterval(world, { nodes });
    expect(wholeTotal(after)).toBe(wholeTotal(run));
    expect(nodes.monitor.rejected.get('malformed-total')).toBeGreaterThan(0);
    expect(nodes.trustees[0]!.rejected.get('malformed-seal')).toBeGreaterThan(0);
  });

  it('refuse their own kinds of message with a body that is none', () => {
    const nodes = createNodes(world);
    for (const [, bomb] of BOMBS) {
      const { parties } = world;
      feed(nodes, signMessage('ledger', bomb, parties.trustees[0]!.signer));
      feed(nodes, signMessage('unmask-request', bomb, parties.monitor.signer));
      feed(nodes, signMessage('unmask-answer', bomb, parties.trustees[0]!.signer));
      feed(nodes, signMessage('alert', bomb, parties.auditor.signer));
    }
    expect(openInterval(nodes.monitor, NOON).figures[0]?.kind).toBe('withheld');
  });

  it('take no grant of another’s message, and no alert on an interval that is none', () => {
    const { signer } = world.parties.auditor;
    const nodes = createNodes(world);
    const grant = signGrant(grantOf(world), world.parties.registrar.signer);
    expect(handleUnmaskRequest(nodes.trustees[0]!, grant).kind).toBe('rejected');
    const alert = {
      area: areaId('es'),
      interval: NOON,
      sealDigest: new Uint8Array(32),
      finding: 'bad-seal' as const,
      cells: [],
      detail: '',
    };
    expect(handleAlert(nodes.monitor, signAlert({ ...nodes.auditor, signer }, alert))).toBe(NOON);
  });

  it('verify no bundle that was altered, without a throw', () => {
    const trust = trustIn(world.parties);
    fc.assert(
      fc.property(fc.nat(world.bundleBytes.length - 1), fc.nat(7), (at, bit) => {
        const bytes = world.bundleBytes.slice();
        bytes[at]! ^= 1 << bit;
        const bundle = decodeBundle(bytes);
        if (bundle !== undefined) expect(typeof verifyBundle(bundle, trust, verify)).toBe('string');
      }),
      { numRuns: 100, seed: 14 },
    );
    for (const [, bomb] of BOMBS) expect(typeof compileNetwork(bomb)).toBe('string');
  });

  it('open no sealed answer out of noise', async () => {
    const { keyPair } = world.parties.monitor;
    for (const [, bomb] of BOMBS) {
      expect(await openAnswer(bomb, bomb, keyPair, new Map())).toBeUndefined();
      const versioned = concatBytes(Uint8Array.of(1), bomb);
      expect(await openAnswer(versioned, bomb, keyPair, new Map())).toBeUndefined();
    }
    const sealed = encodeCbor({
      enc: new Uint8Array(1120),
      counter: 0,
      ciphertext: new Uint8Array(15),
    });
    const message = concatBytes(Uint8Array.of(1), sealed);
    expect(await openAnswer(message, message, keyPair, new Map())).toBeUndefined();
  });
});

describe('splitting frames', () => {
  it('never throws and never gives a frame that is not whole', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => {
        for (const message of [bytes, concatBytes(Uint8Array.of(1, 1), bytes)]) {
          const { frames, rejected } = splitFrames(message);
          const length = frames.reduce((sum, frame) => sum + frame.length, 0);
          expect(length).toBeLessThanOrEqual(message.length);
          expect(rejected === undefined).toBe(length === message.length && length > 0);
        }
      }),
      { numRuns: 300, seed: 15 },
    );
  });
});
