import { describe, expect, it } from 'vitest';
import { areaId } from '../../src/core/area.ts';
import { concatBytes, toHex, utf8 } from '../../src/core/bytes.ts';
import { sha256 } from '../../src/core/digest.ts';
import { intervalIndex } from '../../src/core/interval.ts';
import {
  childrenRoot,
  decodeSeal,
  decodeSealHeader,
  encodeSeal,
  encodeSealHeader,
  joinSetDigests,
  type SealHeader,
  sealDigest,
  setDigest,
} from '../../src/core/seal.ts';
import { createSigner, signMessage } from '../../src/core/signed.ts';
import { decodeTotal, encodeTotal, totalDigest, totalSalt } from '../../src/core/total.ts';

const bytes = (fill: number) => new Uint8Array(32).fill(fill);
const SET = {
  network: bytes(1),
  area: areaId('es/s'),
  interval: intervalIndex(7),
  rosterDigest: bytes(2),
  contributors: Uint8Array.of(3),
};
const TOTALS = {
  area: new BigUint64Array([1n, 2n]),
  cells: [new BigUint64Array([3n]), new BigUint64Array([4n, 5n])],
};
const HEADER: SealHeader = {
  area: areaId('es'),
  interval: intervalIndex(7),
  network: bytes(1),
  childrenRoot: bytes(3),
  decisions: [Uint8Array.of(0), Uint8Array.of(0, 1)],
  includedChildren: Uint8Array.of(1),
  totalDigest: totalDigest(bytes(9), TOTALS),
};
const signer = createSigner(bytes(5));

describe('a set digest', () => {
  it('is another for another network, area, interval, roster or set', () => {
    const others = [
      SET,
      { ...SET, network: bytes(9) },
      { ...SET, area: areaId('es/s2') },
      { ...SET, interval: intervalIndex(8) },
      { ...SET, rosterDigest: bytes(9) },
      { ...SET, contributors: Uint8Array.of(1) },
      { ...SET, contributors: Uint8Array.of(3, 0) },
    ];
    expect(new Set(others.map((set) => toHex(setDigest(set)))).size).toBe(others.length);
  });

  it("of a country's cells is made as that of a few", () => {
    const all = new Uint8Array(32 * 200_000).map((_, index) => (index >>> 5) & 0xff);
    expect(joinSetDigests([all])).toEqual([sha256(utf8('streetwatt/sets/1'), all)]);
  });

  it('of several depends on each and on their order', () => {
    const [a, b] = [bytes(1), bytes(2)];
    const lists = [[a, b], [b, a], [a], [a, a, b], []].map((list) => concatBytes(...list));
    const joined = joinSetDigests(lists).map(toHex);
    expect(new Set(joined).size).toBe(joined.length);
  });
});

describe('a seal', () => {
  const signedHeader = signMessage('seal', encodeSealHeader(HEADER), signer);
  const dissolved = [
    { channel: 1, slotsDeclared: 9, slotsPresent: 8, pointsPresent: 7, isSealed: true },
  ];
  const contested = [
    { slot: 0, frameDigest: bytes(7) },
    { slot: 1, frameDigest: bytes(8) },
  ];
  const streets = [{ contributors: Uint8Array.of(3), framesRoot: bytes(4), contested }];
  const children = [bytes(6), undefined];

  it('decodes to what was encoded', () => {
    const seal = decodeSeal(encodeSeal({ signedHeader, streets, children, dissolved }));
    expect(seal).toEqual({ signedHeader, header: HEADER, streets, children, dissolved });
    expect(decodeSealHeader(encodeSealHeader(HEADER))).toEqual(HEADER);
  });

  it.each([
    ['twice', [contested[0]!, contested[0]!]],
    ['not in order', [...contested].reverse()],
    ['that did not contribute', [{ slot: 2, frameDigest: bytes(7) }]],
  ])('that names the frame of a slot %s is malformed', (_, named) => {
    const wrong = [{ ...streets[0]!, contested: named }];
    const seal = encodeSeal({ signedHeader, streets: wrong, children, dissolved });
    expect(decodeSeal(seal)).toBeUndefined();
  });

  it('has a digest of its header, whoever signed it, and another for every field', () => {
    const changes: Partial<SealHeader>[] = [
      {},
      { area: areaId('pt') },
      { interval: intervalIndex(8) },
      { network: bytes(9) },
      { childrenRoot: bytes(9) },
      { decisions: [Uint8Array.of(0), Uint8Array.of(0, 0)] },
      { decisions: [Uint8Array.of(0, 0), Uint8Array.of(1)] },
      { includedChildren: Uint8Array.of(3) },
      { totalDigest: bytes(9) },
    ];
    const digests = changes.map((change) => toHex(sealDigest({ ...HEADER, ...change })));
    expect(new Set(digests).size).toBe(digests.length);
  });

  it('has a root that binds streets, children and presence, and tells a missing child from none', () => {
    const set = { setDigest: bytes(1), framesRoot: bytes(2) };
    const roots = [
      childrenRoot([set], children, dissolved),
      childrenRoot([{ ...set, framesRoot: bytes(3) }], children, dissolved),
      childrenRoot([{ ...set, setDigest: bytes(3) }], children, dissolved),
      childrenRoot([set], [undefined, bytes(6)], dissolved),
      childrenRoot([set], [bytes(6)], dissolved),
      childrenRoot([set], children, []),
      childrenRoot([set], children, [{ ...dissolved[0]!, slotsPresent: 7 }]),
      childrenRoot([], children, dissolved),
    ].map(toHex);
    expect(new Set(roots).size).toBe(roots.length);
  });
});

describe('a total', () => {
  const signedHeader = signMessage('seal', encodeSealHeader(HEADER), signer);
  const salt = bytes(9);

  it('decodes to what was encoded', () => {
    const total = decodeTotal(encodeTotal({ signedHeader, salt, totals: TOTALS }));
    expect(total).toEqual({ signedHeader, header: HEADER, salt, totals: TOTALS });
  });

  it.each([
    ['another salt', { salt: bytes(8), totals: TOTALS }],
    ['another word', { salt, totals: { ...TOTALS, area: new BigUint64Array([1n, 3n]) } }],
    [
      'a word moved from the area to a cell',
      {
        salt,
        totals: {
          area: new BigUint64Array([1n]),
          cells: [new BigUint64Array([2n, 3n]), new BigUint64Array([4n, 5n])],
        },
      },
    ],
    [
      'a word moved from one channel to the next',
      {
        salt,
        totals: {
          ...TOTALS,
          cells: [new BigUint64Array([]), new BigUint64Array([3n, 4n, 5n])],
        },
      },
    ],
    [
      'two channels in one',
      { salt, totals: { ...TOTALS, cells: [new BigUint64Array([3n, 4n, 5n])] } },
    ],
  ])('with %s is not the one that its header names', (_, parts) => {
    expect(decodeTotal(encodeTotal({ signedHeader, ...parts }))).toBeUndefined();
  });

  it('has a salt that only its aggregators know, another for every interval and set', () => {
    const salts = [
      totalSalt(bytes(1), intervalIndex(1), bytes(2)),
      totalSalt(bytes(2), intervalIndex(1), bytes(2)),
      totalSalt(bytes(1), intervalIndex(2), bytes(2)),
      totalSalt(bytes(1), intervalIndex(1), bytes(3)),
    ].map(toHex);
    expect(new Set(salts).size).toBe(4);
  });
});
