import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { readGatewayConfig, tracksOf } from '../../src/gateway/gateway-config.ts';
import { openIdentity } from '../../src/gateway/node/enrolment.ts';
import { startSources } from '../../src/gateway/node/start-sources.ts';

const folder = await mkdtemp(join(tmpdir(), 'streetwatt-config-'));
afterAll(() => rm(folder, { recursive: true }));

const GRID = {
  ...{ kind: 'serial', name: 'grid', path: '/dev/ttyUSB0', protocol: 'sml' },
  takes: { import: 'importWh', export: 'exportWh' },
};
const CONFIG = {
  network: 'network.bundle',
  trust: { registrar: '01'.repeat(32), trustees: ['02'.repeat(32)] },
  bus: { url: 'nats://127.0.0.1:4222', user: 'home', passwordFile: 'bus-password' },
  street: 'es/md/28079/centro/s0042',
  ...{ keys: 'keys.json', enrolment: 'enrolment.bin', data: 'data', maxPowerW: 17_250 },
  sources: [GRID],
};

async function read(config: object) {
  const file = join(folder, 'gateway.json');
  await writeFile(file, JSON.stringify(config));
  return readGatewayConfig(file);
}

describe('a gateway’s configuration', () => {
  it('has its paths beside it, and defaults', async () => {
    const config = await read(CONFIG);
    expect(config).toMatchObject({
      ...{ network: join(folder, 'network.bundle'), data: join(folder, 'data') },
      ...{ maxGapSeconds: 300, keepDays: 40, hasAuthenticatedTime: false },
      bus: { passwordFile: join(folder, 'bus-password') },
    });
    expect(config.sources[0]).toMatchObject({ path: '/dev/ttyUSB0', checksums: 'require' });
    expect(tracksOf(config)).toEqual(['grid/import', 'grid/export']);
  });

  it.each([
    ['an unknown field', { ...CONFIG, color: 1 }, /color/u],
    ['a street that is none', { ...CONFIG, street: 'es//x' }, /street: expected|street, /u],
    ['no source', { ...CONFIG, sources: [] }, /sources/u],
    ['two sources of one name', { ...CONFIG, sources: [GRID, GRID] }, /each name once/u],
    ['an unknown protocol', { ...CONFIG, sources: [{ ...GRID, protocol: 'x10' }] }, /sources\.0/u],
    [
      'a register’s name that is none',
      { ...CONFIG, sources: [{ ...GRID, takes: { 'A b': 'importWh' } }] },
      /sources\.0/u,
    ],
    [
      'a unit that is not counted',
      { ...CONFIG, turnsAt: { import: { value: 1, unit: 'V' } } },
      /turnsAt/u,
    ],
  ])('is refused with %s, in one sentence that names it', async (_, config, message) => {
    await expect(read(config)).rejects.toThrow(message);
  });
});

describe('secrets of a gateway', () => {
  it('are made at the first start for the owner alone, and are the same at the next', async () => {
    const file = join(folder, 'new-keys.json');
    const first = await openIdentity(file);
    expect((await openIdentity(file)).publicKey).toEqual(first.publicKey);
  });

  it.each([
    [0o600, 'not hex', /32 hex digits/u],
    [0o644, '00'.repeat(16), /chmod 600/u],
  ])('in a file of mode %o that holds "%s" are refused', async (mode, text, message) => {
    const keyFile = join(folder, `meter-key-${mode}`);
    await writeFile(keyFile, text, { mode });
    const { sources } = await read({ ...CONFIG, sources: [{ ...GRID, keyFile }] });
    const started = startSources({ sources, nowMs: () => 0, onMeasured: () => undefined });
    await expect(started).rejects.toThrow(message);
    await expect(started).rejects.not.toThrow(/0000/u);
  });
});
