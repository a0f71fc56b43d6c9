import { beforeAll, describe, expect, it } from 'vitest';
import { areaId } from '../../src/core/area.ts';
import { concatBytes } from '../../src/core/bytes.ts';
import { channelSetOf } from '../../src/core/channel.ts';
import { encodeGrant, type Grant, isGranted, openGrant, signGrant } from '../../src/core/grant.ts';
import { createHpkeKeyPair } from '../../src/core/hpke.ts';
import { epoch } from '../../src/core/interval.ts';
import { createSigner, signMessage, verifyEd25519 } from '../../src/core/signed.ts';

const registrar = createSigner(new Uint8Array(32).fill(1));
let grant: Grant;

beforeAll(async () => {
  const { publicKey } = await createHpkeKeyPair(new Uint8Array(32).fill(2));
  grant = {
    networkId: 'net',
    monitor: createSigner(new Uint8Array(32).fill(3)).publicKey,
    hpkePublicKey: publicKey,
    area: areaId('es/md'),
    deepestDepth: 3,
    channels: channelSetOf([0, 2]),
    fromEpoch: epoch(100),
    untilEpoch: epoch(200),
  };
});

describe('an access grant', () => {
  it('opens as the registrar signed it', () => {
    const bytes = signGrant(grant, registrar);
    expect(openGrant(bytes, 'net', [registrar.publicKey], verifyEd25519)).toEqual(grant);
  });

  it('is worth nothing where it is not the registrar’s, another network’s, or malformed', () => {
    const bytes = signGrant(grant, registrar);
    const keys = [registrar.publicKey];
    const open = (message: Uint8Array) => openGrant(message, 'net', keys, verifyEd25519);
    const change = (part: Partial<Record<keyof Grant, unknown>>) =>
      open(signGrant({ ...grant, ...part } as Grant, registrar));
    expect(openGrant(bytes, 'other', keys, verifyEd25519)).toBeUndefined();
    expect(openGrant(bytes, 'net', [], verifyEd25519)).toBeUndefined();
    expect(open(signGrant(grant, createSigner(new Uint8Array(32).fill(4))))).toBeUndefined();
    expect(open(signMessage('roster', encodeGrant(grant), registrar))).toBeUndefined();
    for (let at = 0; at < bytes.length; at += 53)
      expect(open(bytes.map((byte, i) => (i === at ? byte ^ 1 : byte)))).toBeUndefined();
    expect(open(bytes.subarray(0, -1))).toBeUndefined();
    expect(open(concatBytes(bytes, Uint8Array.of(0)))).toBeUndefined();
    expect(change({ area: 'es/*' })).toBeUndefined();
    expect(change({ deepestDepth: 0 })).toBeUndefined();
    expect(change({ deepestDepth: 17 })).toBeUndefined();
    expect(change({ channels: 0 })).toBeUndefined();
    expect(change({ fromEpoch: -1 })).toBeUndefined();
    expect(change({ monitor: new Uint8Array(31) })).toBeUndefined();
  });

  it('with a key that cannot be sealed to does not open, so that no answer can fail on it', () => {
    const keys = [registrar.publicKey];
    const hpkePublicKey = new Uint8Array(1216).fill(255);
    const bytes = signGrant({ ...grant, hpkePublicKey }, registrar);
    expect(openGrant(bytes, 'net', keys, verifyEd25519)).toBeUndefined();
  });

  it('covers its area, depth, channels and epochs, and nothing else', () => {
    const asks = { area: areaId('es/md/s1'), depth: 3, channel: 0, epoch: epoch(100) };
    expect(isGranted(grant, asks)).toBe(true);
    expect(isGranted(grant, { ...asks, area: areaId('es/md'), depth: 2 })).toBe(true);
    // A cell of streets of Madrid, asked for by the area whose children they are.
    expect(isGranted(grant, { ...asks, area: areaId('es/md'), depth: 3 })).toBe(true);
    expect(isGranted(grant, { ...asks, channel: 2, epoch: epoch(199) })).toBe(true);
    const outside = [
      { area: areaId('es') },
      { area: areaId('es/mdx') },
      { area: areaId('es/b') },
      { area: areaId('es/md/s1/x'), depth: 4 },
      { area: areaId('es/md'), depth: 4 },
      { area: areaId('es/md/s1/x/y'), depth: 3 },
      { channel: 1 },
      { channel: 8 },
      { channel: 32 },
      { channel: -32 },
      { epoch: epoch(99) },
      { epoch: epoch(200) },
    ];
    for (const part of outside) expect(isGranted(grant, { ...asks, ...part })).toBe(false);
  });
});
