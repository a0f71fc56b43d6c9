import { describe, expect, it } from 'vitest';
import { areaId } from '../../src/core/area.ts';
import { concatBytes, toHex, utf8 } from '../../src/core/bytes.ts';
import { sha256 } from '../../src/core/digest.ts';
import { hashManyPlain } from '../../src/core/hash-many.ts';
import { intervalIndex } from '../../src/core/interval.ts';
import {
  childrenRoot,
  decodeSeal,
  decodeSealHeader,
  encodeSeal,
  encodeSealHeader,
  type SealHeader,
  sealDigest,
} from '../../src/core/seal.ts';
import { SetJoins, setDigests } from '../../src/core/set-digest.ts';
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
    expect(new Set(others.map((set) => toHex(setDigests(set, [set])))).size).toBe(others.length);
  });

  it('of several in one call are those of each, back to back', () => {
    const sets = [SET, { ...SET, area: areaId('es/s2') }, { ...SET, rosterDigest: bytes(9) }];
    const each = sets.map((set) => setDigests(SET, [set]));
    expect(setDigests(SET, sets)).toEqual(concatBytes(...each));
  });
});

describe('joined digests', () => {
  const LABEL = utf8('streetwatt/sets/1');

  function join(lists: readonly (readonly Uint8Array[])[]): SetJoins {
    const joins = new SetJoins();
    for (const list of lists) {
      joins.begin();
      for (const digest of list) joins.add(concatBytes(bytes(7), digest), 32);
    }
    return joins;
  }

  it('are of the label and all digests of a list, of which there may be many', () => {
    const many = Array.from({ length: 20_000 }, (_, index) => bytes(index & 0xff));
    const expected = [[], many, [bytes(1)]].map((list) => sha256(LABEL, ...list));
    expect(join([[], many, [bytes(1)]]).join(hashManyPlain)).toEqual(concatBytes(...expected));
  });

  it('depend on each digest and on their order, and tell a list without any', () => {
    const [a, b] = [bytes(1), bytes(2)];
    const lists = [[a, b], [b, a], [a], [a, a, b], []];
    const joins = join(lists);
    const digests = toHex(joins.join(hashManyPlain)).match(/.{64}/gu);
    expect(new Set(digests).size).toBe(lists.length);
    expect(lists.map((_, index) => joins.hasAny(index))).toEqual([true, true, true, true, false]);
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
    const digest = sealDigest(encodeSealHeader(HEADER));
    expect(seal).toEqual({ signedHeader, header: HEADER, digest, streets, children, dissolved });
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
    const digests = changes.map((change) =>
      toHex(sealDigest(encodeSealHeader({ ...HEADER, ...change }))),
    );
    expect(new Set(digests).size).toBe(digests.length);
  });

  it('has a root that binds streets, children and presence, and tells a missing child from none', () => {
    const sealed = { setDigests: bytes(1), frameRoots: bytes(2), children, dissolved };
    const none = new Uint8Array(0);
    const roots = [
      sealed,
      { ...sealed, frameRoots: bytes(3) },
      { ...sealed, setDigests: bytes(3) },
      { ...sealed, children: [undefined, bytes(6)] },
      { ...sealed, children: [bytes(6)] },
      { ...sealed, dissolved: [] },
      { ...sealed, dissolved: [{ ...dissolved[0]!, slotsPresent: 7 }] },
      { ...sealed, setDigests: none, frameRoots: none },
    ].map((parts) => toHex(childrenRoot(parts)));
    expect(new Set(roots).size).toBe(roots.length);
  });

  it('has a root of more children than a call has room for', () => {
    const many = new Array<Uint8Array>(200_000).fill(bytes(7));
    const sealed = { setDigests: bytes(1), frameRoots: bytes(2), children: many, dissolved };
    expect(childrenRoot(sealed)).toHaveLength(32);
  });

  it('with a count that no country has is malformed', () => {
    const huge = [{ ...dissolved[0]!, slotsDeclared: 2 ** 32 }];
    expect(decodeSeal(encodeSeal({ signedHeader, streets, children, dissolved: huge }))).toBe(
      undefined,
    );
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
