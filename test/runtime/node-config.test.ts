// What a node's configuration may say of its areas, and what is said of a wrong one.

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readNodeConfig } from '../../src/runtime/node-config.ts';

const CONFIG = {
  role: 'aggregator',
  network: '../network.bundle',
  trust: { registrar: '00'.repeat(32), trustees: ['11'.repeat(32)] },
  keys: 'keys.json',
  bus: { url: 'nats://127.0.0.1:4222' },
  data: 'data',
};

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'streetwatt-config-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function read(more: object) {
  const file = join(folder, 'node.json');
  await writeFile(file, JSON.stringify({ ...CONFIG, ...more }));
  return readNodeConfig(file);
}

describe('the configuration of an aggregator', () => {
  it('names the areas that it hosts, and those that another process does', async () => {
    const { areas, exceptAreas } = await read({ areas: ['es/13'], exceptAreas: ['es/13/28'] });
    expect([areas, exceptAreas]).toEqual([['es/13'], ['es/13/28']]);
    const plain = await read({});
    expect([plain.areas, plain.exceptAreas]).toEqual([undefined, undefined]);
  });

  it('does not take an empty list for all, nor one name for a list', async () => {
    for (const areas of [[], '', 'es/13', [''], [13], null])
      await expect(read({ areas })).rejects.toMatchObject({ code: 'bad-value' });
  });
});

describe('what is wrong with a configuration', () => {
  it('is said in a sentence, with the field and without the value', async () => {
    const cases: readonly (readonly [object, RegExp])[] = [
      [{ data: undefined }, /data: expected string, found none/u],
      [{ keys: 7 }, /keys: expected string, found number/u],
      [
        { bus: { url: 'no secret' } },
        /bus\.url: expected nats:\/\/host:port, found something else/u,
      ],
      [{ minMeters: 1 }, /expected no other fields, found minMeters/u],
    ];
    for (const [more, sentence] of cases) await expect(read(more)).rejects.toThrow(sentence);
  });
});
