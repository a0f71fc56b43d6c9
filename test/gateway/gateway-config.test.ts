import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { PROTOCOLS } from '../../src/gateway/decode/telegram.ts';
import { readGatewayConfig } from '../../src/gateway/gateway-config.ts';
import { openIdentity } from '../../src/gateway/node/enrolment.ts';
import { startSources } from '../../src/gateway/node/start-sources.ts';
import { lineDefaults } from '../../src/gateway/sources/serial.ts';
import { registerOfTrack, tracksOf } from '../../src/gateway/track-name.ts';

const folder = await mkdtemp(join(tmpdir(), 'streetwatt-config-'));
afterAll(() => rm(folder, { recursive: true }));

const DOCUMENT = readFileSync(new URL('../../docs/gateway.md', import.meta.url), 'utf8');
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

const KNX = { '1/2/3': { type: '13.013', direction: 'import' } };
const FIELD = { address: 72, table: 'input', type: 'f32', unit: 'kWh' };
const RTU = {
  ...{ kind: 'modbus', name: 'bus', transport: 'serial', path: 'ttyUSB1' },
  takes: { import: FIELD, production: { ...FIELD, unitId: 2 } },
};
const PLUGS = {
  topic: 'tele/+/SENSOR',
  meters: ['roof', 'barn/2'],
  takes: { production: { path: 'ENERGY.Total', unit: 'kWh' } },
};
const mqtt = (...topics: object[]) => ({
  ...CONFIG,
  sources: [{ kind: 'mqtt', name: 'plugs', url: 'mqtt://127.0.0.1', topics }],
});
const grid = (more: object) => ({ ...CONFIG, sources: [{ ...GRID, ...more }] });

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

  it('may name meters below a wildcard, each followed by itself', async () => {
    const tracks = tracksOf(await read(mqtt(PLUGS, { ...PLUGS, topic: 'x/+', meters: ['x'] })));
    expect(tracks).toEqual([
      'plugs/roof/production',
      'plugs/barn/2/production',
      'plugs/x/production',
    ]);
    expect(tracks.map(registerOfTrack)).toEqual(Array(3).fill('production'));
  });

  it('may have sub-meters on a serial bus, and a dialogue on another port', async () => {
    const dialogue = { ...GRID, protocol: 'iec62056-21', signOn: { everySeconds: 20 } };
    const { sources } = await read({ ...CONFIG, sources: [RTU, dialogue] });
    expect(sources).toMatchObject([
      { path: join(folder, 'ttyUSB1'), baud: 19_200, parity: '8E1', unitId: 1 },
      { signOn: { everySeconds: 20, address: '', maxBaud: 19_200, hasWakeUp: false } },
    ]);
  });

  it.each(PROTOCOLS)(
    'may have a source of %s, with the line that docs/gateway.md says',
    async (protocol) => {
      await expect(read(grid({ protocol }))).resolves.toBeDefined();
      const { baud, parity } = lineDefaults(protocol);
      expect(DOCUMENT).toContain(`| \`${protocol}\` | ${baud} | ${parity} |`);
    },
  );

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
    ['a wildcard without meters', mqtt({ ...PLUGS, meters: undefined }), /"meters"/u],
    ['meters without a wildcard', mqtt({ ...PLUGS, topic: 'a' }), /"meters"/u],
    ['a wildcard inside a level', mqtt({ ...PLUGS, topic: 'tele/p+' }), /expected a topic/u],
    ['a register that two topics take', mqtt(PLUGS, PLUGS), /each register of a meter once/u],
    [
      'two sources on one port',
      { ...CONFIG, sources: [GRID, { ...RTU, path: GRID.path }] },
      /each port once/u,
    ],
    ['points of another bus', grid({ points: KNX }), /points: expected protocol knx/u],
    [
      'a group address that is none',
      grid({ protocol: 'knx', points: { '32/0/0': KNX['1/2/3'] } }),
      /points/u,
    ],
    ['a size of pulses that no meter has', grid({ pulsQty: '1' }), /pulsQty/u],
    ['a dialogue that the meter does not speak', grid({ signOn: {} }), /signOn/u],
    [
      'a pause longer than the patience',
      grid({ request: { text: 'x', everySeconds: 120 } }),
      /silentAfter/u,
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
