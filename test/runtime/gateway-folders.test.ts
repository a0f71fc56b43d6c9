import { chmod, readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { areaId } from '../../src/core/area.ts';
import { inviteGateways } from '../../src/runtime/gateway-folders.ts';
import { readNodeKeys } from '../../src/runtime/node-config.ts';
import { testBytes } from '../support/enrolment.ts';
import { homeOf, JoiningNetwork, rowOf } from '../support/joining-network.ts';
import { verify } from '../support/world.ts';

const STREETS = ['es/a-b/s0', 'es/a/b/s0'].map(areaId);
let network: JoiningNetwork;

beforeAll(async () => {
  network = await JoiningNetwork.create(STREETS);
});
afterAll(() => network[Symbol.asyncDispose]());

const invite = (area: string, index: number) =>
  inviteGateways({
    directory: network.directory,
    inventory: [rowOf(homeOf(index, 'late'), { area: areaId(area), line: 7 })],
    inventoryFile: 'inventory.csv',
    again: [],
    random: (length) => testBytes(`password ${index}`, length),
    verify,
    signal: new AbortController().signal,
  });

describe('gateways that are invited', () => {
  it('get accounts that only their owner may read, written whole, whoever could read them before', async () => {
    const files = ['nats-accounts.conf', 'bus-parties.json'].map((name) =>
      join(network.directory, name),
    );
    await chmod(files[0]!, 0o644);
    expect((await invite('es/a/b/s1', 1)).invited).toEqual(['late-1']);
    for (const file of [...files, join(network.directory, 'gateways', 'late-1', 'bus-password')])
      expect([file, (await stat(file)).mode & 0o777]).toEqual([file, 0o600]);
    expect(await readFile(files[0]!, 'utf8')).toContain('gateway-late-1');
    const names = await readdir(network.directory, { recursive: true });
    expect(names.filter((name) => name.endsWith('.part'))).toEqual([]);
    expect((await invite('es/a/b/s1', 1)).invited).toEqual([]);
  });

  it('get none where no meter could stand, and nothing is written', async () => {
    const accounts = join(network.directory, 'nats-accounts.conf');
    const before = await readFile(accounts, 'utf8');
    for (const area of ['es/a', 'es/a/b/s0/x', 'pt/a/b/s0'])
      await expect(invite(area, 2), area).rejects.toThrow(/inventory\.csv.*line 7.*area/u);
    expect(await readFile(accounts, 'utf8')).toBe(before);
    expect(await readdir(join(network.directory, 'gateways'))).not.toContain('late-2');
  });
});

describe('init --gateways', () => {
  it('gives regions an aggregator each, also where their names look alike', async () => {
    const folders = (await readdir(network.directory)).filter((name) =>
      name.startsWith('aggregator-es-a-b'),
    );
    expect(folders).toHaveLength(2);
    const keys = folders.map((name) => readNodeKeys(join(network.directory, name, 'keys.json')));
    const [one, other] = await Promise.all(keys);
    expect(one?.seed).not.toEqual(other?.seed);
  });
});
