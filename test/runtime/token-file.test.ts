import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { areaId } from '../../src/core/area.ts';
import { toHex } from '../../src/core/bytes.ts';
import { channelSetOf } from '../../src/core/channel.ts';
import type { Epoch } from '../../src/core/interval.ts';
import type { Network } from '../../src/core/network-tree.ts';
import { FileError } from '../../src/files/file-error.ts';
import { createPlatformVerifier } from '../../src/runtime/ed25519.ts';
import { createParties, type Parties } from '../../src/runtime/parties.ts';
import { defaultPolicy, provisionNetwork } from '../../src/runtime/provision.ts';
import { readTokenFile } from '../../src/runtime/token-file.ts';
import { createNamedGrant, type NamedGrant } from '../../src/runtime/zoom-grant.ts';
import { createTokenTable, tokenDigest } from '../../src/server/token-table.ts';

const TOKEN = 'a-token-of-the-city-1234';
const random = (length: number) => crypto.getRandomValues(new Uint8Array(length));
const verify = createPlatformVerifier();
const ALL = channelSetOf([0, 1, 2]);

describe('the tokens of a monitor’s map', () => {
  let folder = '';
  let network: Network;
  let parties: Parties;
  let own: NamedGrant;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'streetwatt-tokens-'));
    const quorum = { trusteeCount: 3, quorum: 2 };
    parties = await createParties(quorum, random);
    const meters = Array.from({ length: 90 }, (_, index) => ({
      area: areaId(`es/m${index % 2}/s1`),
      channels: channelSetOf([0]),
      capWh: 1000,
    }));
    ({ network } = await provisionNetwork({
      meters,
      policy: defaultPolicy({ networkId: 'tokens', quorum }),
      parties,
      firstEpoch: 20_000 as Epoch,
      random,
      verify,
    }));
    own = grant('monitor', 'es');
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  const grant = (name: string, area: string): NamedGrant =>
    createNamedGrant(network, parties, {
      name,
      area: areaId(area),
      deepestDepth: 3,
      channels: ALL,
      fromEpoch: 20_000 as Epoch,
    });
  const read = async (value: unknown, mode = 0o600) => {
    const file = join(folder, 'tokens.json');
    await writeFile(file, JSON.stringify(value));
    await chmod(file, mode);
    return await readTokenFile(file, network, own, verify);
  };
  const refusal = async (entry: unknown): Promise<string> =>
    await read({ tokens: [entry] }).then(
      () => 'accepted',
      (error: unknown) => {
        if (!(error instanceof FileError)) throw error;
        return error.message;
      },
    );

  it('see the node’s grant, or the part of it that they name', async () => {
    const { entries, grants } = await read({
      tokens: [
        { name: 'operator', sha256: tokenDigest('operators-own-token') },
        { name: 'city', token: TOKEN, area: 'es/m1', deepestDepth: 2, channels: ['net'] },
      ],
    });
    expect(grants.map(({ name }) => name)).toEqual(['monitor']);
    const table = createTokenTable(entries);
    expect(table.find('operators-own-token')?.viewer).toEqual({
      grantName: 'monitor',
      area: 'es',
      deepestDepth: 3,
      channels: ['net', 'export', 'production'],
    });
    expect(table.find(TOKEN)?.viewer).toMatchObject({
      area: 'es/m1',
      deepestDepth: 2,
      channels: ['net'],
    });
  });

  it('may have a grant and keys of their own, which the trustees will check', async () => {
    const { seed, keyPair } = parties.monitor;
    const city = grant('city', 'es/m0');
    await writeFile(join(folder, 'city.grant'), city.signedGrant);
    const keys = { seed: toHex(seed), hpkeSeed: toHex(keyPair.seed) };
    await writeFile(join(folder, 'keys.json'), JSON.stringify(keys), { mode: 0o600 });
    const entry = { name: 'city', token: TOKEN, grant: 'city.grant', keys: 'keys.json' };
    const { entries, grants } = await read({ tokens: [entry] });
    expect(grants).toHaveLength(2);
    expect(grants[1]?.grant.area).toBe('es/m0');
    expect(entries[0]?.viewer).toMatchObject({ grantName: grants[1]?.name, area: 'es/m0' });
    expect(await refusal({ ...entry, area: 'es/m1' })).toContain('an area at or below es/m0');
    const other = { seed: toHex(random(32)), hpkeSeed: keys.hpkeSeed };
    await writeFile(join(folder, 'keys.json'), JSON.stringify(other), { mode: 0o600 });
    expect(await refusal(entry)).toContain('a grant of this network’s registrar to these keys');
  });

  it('refuse what reaches beyond the grant, what is no token, and what others can read', async () => {
    expect(await refusal({ name: 'x', token: TOKEN, area: 'fr' })).toContain('at or below es');
    expect(await refusal({ name: 'x', token: TOKEN, channels: ['gas'] })).toContain('found gas');
    expect(await refusal({ name: 'x' })).toContain('either "token" or "sha256"');
    expect(await refusal({ name: 'x', token: 'short' })).toContain('tokens.0.token');
    expect(await refusal({ name: 'x', token: TOKEN, grant: 'city.grant' })).toContain('together');
    for (const entry of [
      { name: 'x', token: 'short' },
      { name: 'x', token: TOKEN, area: 'fr' },
    ])
      expect(await refusal(entry)).not.toContain(entry.token);
    const twice = { name: 'x', token: TOKEN };
    await expect(read({ tokens: [twice, twice] })).rejects.toThrow('each token once');
    await expect(read({ tokens: [] }, 0o644)).rejects.toThrow('only its owner may read');
  });
});
