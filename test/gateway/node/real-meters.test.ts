// Captured telegrams of real meters, their registers moving, through every kind of source into 22
// gateways, each with its own keys and its own account on a real nats-server, to the monitor's
// total, which is the plain sum. One of them is `streetwatt gateway` as a process of its own, with a
// pseudo-terminal as its serial port. On the system's clock: intervals of one minute.

import { spawn } from 'node:child_process';
import { appendFileSync, readFileSync, statSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Aedes } from 'aedes';
import Modbus from 'jsmodbus';
import { beforeAll, expect, it } from 'vitest';
import { connectNats } from '../../../src/bus/nats-bus.ts';
import {
  natsAccountsConfig,
  operatorUser,
  RESTRICTED_API_PREFIX,
} from '../../../src/bus/nats-permissions.ts';
import { STREAM_NAMES } from '../../../src/bus/streams.ts';
import { areaId } from '../../../src/core/area.ts';
import { toHex } from '../../../src/core/bytes.ts';
import { channelSet } from '../../../src/core/channel.ts';
import { epochAt } from '../../../src/core/interval.ts';
import type { HomeDocument } from '../../../src/gateway/display/home-document.ts';
import { readGatewayConfig } from '../../../src/gateway/gateway-config.ts';
import { type RunningGateway, startGateway } from '../../../src/gateway/node/start-gateway.ts';
import { createSystemClock } from '../../../src/runtime/clock.ts';
import { startLocalNetwork } from '../../../src/runtime/local-network.ts';
import type { MonitorResult } from '../../../src/runtime/monitor-node.ts';
import { createParties } from '../../../src/runtime/parties.ts';
import { defaultPolicy, provisionNetwork } from '../../../src/runtime/provision.ts';
import { aggregatorOf, busParties, enrolGateways } from '../../support/gateway-network.ts';
import { p1With, pseudoTerminal, smlWith } from '../../support/meter-stream.ts';
import { describeWithNats, natsServer } from '../../support/nats.ts';
import { describeWithTelegrams, TELEGRAMS_FOLDER } from '../../support/telegrams.ts';
import { UTC_DAY_TIMEOUT_MS, utcDay } from '../../support/utc-day.ts';
import { randomFrom, verify } from '../../support/world.ts';
import { until } from '../sources/collect.ts';

const INTERVAL_SECONDS = 60;
const INTERVAL_MS = 1000 * INTERVAL_SECONDS;
const FIRST_INTERVAL = Math.floor(Date.now() / INTERVAL_MS);
const MAX_POWER_W = 60_000;
const STREETS = [areaId('es/m0/s0'), areaId('es/m0/s1')];
const EXPORT_WH = 7;
const NET = channelSet(0b001);
const NET_AND_EXPORT = channelSet(0b011);

const SML_CAPTURES = [
  'DZG_DVS-7412.2_jmberg.bin',
  'EMH_eHZ-HW8E2A5L0EK2P_1.bin',
  'ISKRA_MT631-D1A52-K0z-H01_with_PIN.bin',
  'ISKRA_MT691_eHZ-MS2020.bin',
  'EMH-ED300L_delivery.bin',
  'smlparser-test_efr_sgm_c2.bin',
  'ISKRA_MT631-D2A51-V22-K0z_with_PIN.bin',
  'EMH_eHZ-IW8E2AWL0EK2P.bin',
];
const P1_CAPTURES = [
  'dsmr_parser-telegram_v5_two_mbus.txt',
  'athom-dsmr-5.0-isk-1.txt',
  'athom-dsmr-4.0-isk-2.txt',
  'dsmr_parser-telegram_v4_2.txt',
];

/** A home's register: it moves in the middle of each interval, so that boundaries are exact. */
class Home {
  readonly index: number;
  /** In each interval; another prime for each home. */
  readonly importWh: number;
  readonly baseWh: number;

  constructor(index: number) {
    this.index = index;
    this.importWh = [
      11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71, 73, 79, 83, 89, 97, 101,
    ][index]!;
    this.baseWh = 1_000_000 + 1000 * index;
  }

  at(nowMs: number, perIntervalWh = this.importWh): number {
    const interval = Math.floor(nowMs / INTERVAL_MS);
    const progress = ((nowMs % INTERVAL_MS) / 1000 - 15) / 30;
    const whole = (interval - FIRST_INTERVAL) * perIntervalWh;
    return this.baseWh + whole + Math.floor(perIntervalWh * Math.min(1, Math.max(0, progress)));
  }
}

class Meters implements AsyncDisposable {
  readonly #owned = new AsyncDisposableStack();
  readonly #senders: (() => void)[] = [];
  readonly #timer: NodeJS.Timeout;
  #aedes: Aedes | undefined;
  #mqttUrl = '';

  constructor() {
    this.#timer = setInterval(() => {
      for (const send of this.#senders) send();
    }, 1000);
  }

  /** SML: a meter that counts in tenths of a watt-hour. */
  sml(home: Home): () => Uint8Array {
    const name = SML_CAPTURES[home.index % SML_CAPTURES.length] as string;
    const capture = new Uint8Array(readFileSync(join(TELEGRAMS_FOLDER, 'sml', name)));
    return () => smlWith(capture, 10 * home.at(Date.now()));
  }

  p1(home: Home): () => Uint8Array {
    const name = P1_CAPTURES[home.index % P1_CAPTURES.length] as string;
    const capture = new Uint8Array(readFileSync(join(TELEGRAMS_FOLDER, 'dsmr-p1', name)));
    return () => p1With(capture, home.at(Date.now()), home.at(Date.now(), EXPORT_WH));
  }

  async terminal(telegram: () => Uint8Array): Promise<object> {
    const terminal = this.#owned.use(await pseudoTerminal());
    this.#senders.push(() => terminal.write(telegram()));
    return { kind: 'serial', path: terminal.path };
  }

  async socket(telegram: () => Uint8Array): Promise<object> {
    const sockets = new Set<Socket>();
    const server = createServer((socket) => {
      sockets.add(socket);
      socket.on('error', () => {});
      socket.on('close', () => sockets.delete(socket));
    });
    const port = await listen(server);
    this.#owned.defer(() => {
      for (const socket of sockets) socket.destroy();
      server.close();
    });
    this.#senders.push(() => {
      const bytes = telegram();
      // In two portions, as a slow line has it.
      for (const socket of sockets) {
        socket.write(bytes.subarray(0, 100));
        setTimeout(() => socket.write(bytes.subarray(100)), 30);
      }
    });
    return { kind: 'tcp', host: '127.0.0.1', port };
  }

  file(path: string, telegram: () => Uint8Array): object {
    appendFileSync(path, '');
    this.#senders.push(() => appendFileSync(path, telegram()));
    return { kind: 'file', path, pollMs: 50 };
  }

  async mqtt(home: Home): Promise<object> {
    if (this.#aedes === undefined) {
      const aedes = await Aedes.createBroker();
      this.#aedes = aedes;
      const server = createServer(aedes.handle);
      this.#mqttUrl = `mqtt://127.0.0.1:${await listen(server)}`;
      this.#owned.defer(async () => {
        await new Promise<void>((done) => aedes.close(() => done()));
        server.close();
      });
    }
    const topic = `tele/home-${home.index}/SENSOR`;
    const broker = this.#aedes;
    this.#senders.push(() => {
      const payload = JSON.stringify({ ENERGY: { Total: home.at(Date.now()) / 1000, Power: 100 } });
      const packet = { topic, payload: Buffer.from(payload) };
      broker.publish({ ...packet, cmd: 'publish', qos: 0, dup: false, retain: false }, () => {});
    });
    const takes = { import: { path: 'ENERGY.Total', unit: 'kWh' } };
    return { kind: 'mqtt', url: this.#mqttUrl, topics: [{ topic, takes }] };
  }

  async modbus(home: Home): Promise<object> {
    const sockets = new Set<Socket>();
    const server = createServer((socket) => {
      sockets.add(socket);
      socket.on('close', () => sockets.delete(socket));
    });
    const input = Buffer.alloc(16);
    new Modbus.server.TCP(server, { input });
    const port = await listen(server);
    this.#owned.defer(() => {
      for (const socket of sockets) socket.destroy();
      server.close();
    });
    const write = () => input.writeUInt32BE(home.at(Date.now()), 0);
    write();
    this.#senders.push(write);
    const field = { address: 0, table: 'input', type: 'u32', unit: 'Wh' };
    return { kind: 'modbus', host: '127.0.0.1', port, everySeconds: 1, takes: { import: field } };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#timer);
    await this.#owned.disposeAsync();
  }
}

async function listen(server: ReturnType<typeof createServer>): Promise<number> {
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return (server.address() as { port: number }).port;
}

const SML = { protocol: 'sml', takes: { import: 'importWh' } };
const P1 = { protocol: 'dsmr-p1', takes: { import: 'importWh', export: 'exportWh' } };

/** The first home is the child's; the last eight have P1 meters, which export. */
async function sourceOf(meters: Meters, home: Home, folder: string): Promise<object> {
  const { index } = home;
  const name = 'meter';
  if (index < 2) return { name, ...SML, ...(await meters.terminal(meters.sml(home))) };
  if (index < 6) return { name, ...SML, ...(await meters.socket(meters.sml(home))) };
  if (index < 8)
    return { name, ...SML, ...meters.file(join(folder, 'meter.bin'), meters.sml(home)) };
  if (index < 11) return { name, ...(await meters.mqtt(home)) };
  if (index < 14) return { name, ...(await meters.modbus(home)) };
  if (index < 16) return { name, ...P1, ...(await meters.terminal(meters.p1(home))) };
  if (index < 20) return { name, ...P1, ...(await meters.socket(meters.p1(home))) };
  return { name, ...P1, ...meters.file(join(folder, 'meter.txt'), meters.p1(home)) };
}
const HOMES = Array.from({ length: 22 }, (_, index) => new Home(index));
const exports = (home: Home) => home.index >= 14;
const streetOf = (home: Home) => STREETS[home.index % 2]!;

describeWithTelegrams('gateways on real telegrams', () => {
  describeWithNats('and a real bus', () => {
    beforeAll(utcDay, UTC_DAY_TIMEOUT_MS);

    it('give the monitor the plain sum of their meters, and nobody anything else', async () => {
      const root = await mkdtemp(join(tmpdir(), 'streetwatt-gateways-'));
      await using owned = new AsyncDisposableStack();
      owned.defer(() => rm(root, { recursive: true, force: true }));
      const errors: unknown[] = [];
      const onError = (error: unknown) => void errors.push(error);

      // The network before: parties, and a document that gateways can enrol against.
      const quorum = { trusteeCount: 3, quorum: 2 };
      const parties = await createParties(quorum, randomFrom('gateways'));
      const epoch = epochAt(Date.now() / 1000);
      const policy = {
        ...defaultPolicy({
          ...{ networkId: 'gateways', quorum, minMeters: 5, depth: 3 },
          intervalSeconds: INTERVAL_SECONDS,
        }),
        ...{ marginMeters: 0, closeAfterSeconds: 20, levelSeconds: 2 },
      };
      const capWh = (MAX_POWER_W * INTERVAL_SECONDS) / 3600;
      const before = await provisionNetwork({
        ...{ policy, parties, firstEpoch: epoch, verify, aggregatorOf },
        meters: STREETS.flatMap((area) =>
          Array.from({ length: 6 }, () => ({ area, channels: NET, capWh })),
        ),
        random: randomFrom('gateways before'),
      });
      const bundleFile = join(root, 'network.bundle');
      await writeFile(bundleFile, before.bundleBytes);

      // The bus, with the accounts that `init` writes.
      const users = HOMES.map((home) => ({
        user: `gateway-${home.index}`,
        street: streetOf(home),
      }));
      const accounts = busParties(3, areaId('es'), users);
      const server = owned.use(await natsServer({ config: natsAccountsConfig(accounts) }));
      const { url } = server;
      for (const stream of STREAM_NAMES) {
        const credentials = {
          user: operatorUser('operator', stream),
          password: 'operator-password',
        };
        await using _ = await connectNats({ url, credentials, createStreams: [stream] });
      }

      // The homes.
      const meters = owned.use(new Meters());
      const files: string[] = [];
      for (const home of HOMES) {
        const folder = join(root, `home-${home.index}`);
        await mkdir(folder);
        await writeFile(join(folder, 'bus-password'), `gateway-${home.index}-password`, {
          mode: 0o600,
        });
        const config = {
          network: '../network.bundle',
          trust: {
            registrar: toHex(parties.registrar.signer.publicKey),
            trustees: parties.trustees.map(({ signer }) => toHex(signer.publicKey)),
          },
          bus: { url, user: `gateway-${home.index}`, passwordFile: 'bus-password' },
          street: streetOf(home),
          ...{ keys: 'keys.json', enrolment: 'enrolment.bin', data: 'data' },
          maxPowerW: MAX_POWER_W,
          sources: [await sourceOf(meters, home, folder)],
          ...(home.index === 0 ? { display: { port: 0 } } : {}),
        };
        files.push(join(folder, 'gateway.json'));
        await writeFile(files.at(-1) as string, JSON.stringify(config));
      }
      const child = startChild(files[0] as string);
      owned.defer(() => child.stop());
      const gateways: RunningGateway[] = [];
      for (const file of files.slice(1)) {
        const deps = { say: () => undefined, onError, bundlePollMs: 500, firstPauseMs: 100 };
        gateways.push(owned.use(await startGateway(await readGatewayConfig(file), deps)));
      }

      // The registrar takes the records; the trustees attest them; everybody gets the next document.
      const recordFiles = HOMES.map(({ index }) => join(root, `home-${index}`, 'enrolment.bin'));
      await until(
        () => recordFiles.every((file) => statSync(file, { throwIfNoEntry: false }) !== undefined),
        30_000,
      );
      const after = await enrolGateways({
        ...{ parties, policy, epoch },
        records: HOMES.map((home) => ({
          record: new Uint8Array(readFileSync(recordFiles[home.index] as string)),
          area: streetOf(home),
          channels: exports(home) ? NET_AND_EXPORT : NET,
          capWh,
        })),
      });
      const connections = accounts.slice(1, 9);
      const results: MonitorResult[] = [];
      owned.use(
        await startLocalNetwork({
          ...{ provisioned: after, parties, random: randomFrom('gateways run'), verify, onError },
          connect: async () => {
            const { user, password } = connections.shift()!;
            const credentials = { user, password };
            return owned.use(
              await connectNats({ url, credentials, apiPrefix: RESTRICTED_API_PREFIX }),
            );
          },
          clock: createSystemClock(onError),
          onInterval: (result) => void results.push(result),
        }),
      );
      await writeFile(`${bundleFile}.part`, after.bundleBytes);
      await rename(`${bundleFile}.part`, bundleFile);

      const rootRow = (result: MonitorResult) => result.rows.find(({ plan }) => plan.name === 'es');
      await until(() => results.some((result) => rootRow(result)?.coverage === 1), 240_000);
      const whole = results.find((result) => rootRow(result)?.coverage === 1)!;
      const rows = new Map(whole.rows.map((row) => [row.plan.name, row]));
      const plainNet = (homes: readonly Home[]) =>
        homes.reduce((sum, home) => sum + home.importWh - (exports(home) ? EXPORT_WH : 0), 0);
      expect(rows.get('es')!.energyWh.slice(0, 2)).toEqual([plainNet(HOMES), 8 * EXPORT_WH]);
      for (const street of STREETS)
        expect(rows.get(street)!.energyWh[0]).toBe(
          plainNet(HOMES.filter((home) => streetOf(home) === street)),
        );

      // At home: what was measured, and the very bytes that left.
      const { interval } = whole.opened;
      const page = await child.display();
      await until(
        () =>
          gateways.every(({ home }) =>
            home
              .departures(interval, 9)
              .some((one) => one.interval === interval && one.status === 'received'),
          ),
        30_000,
      );
      const answer = await fetch(new URL('home.json', page));
      const home = (await answer.json()) as HomeDocument;
      const shown = home.intervals.find(({ frame }) => frame?.interval === interval)!;
      expect(shown.amounts).toEqual({ import: HOMES[0]!.importWh });
      expect(shown.status).toBe('received');
      expect(shown.frame!.byteCount).toBe(34);

      // Nothing of the home in its log, and its files are its own.
      const { seed } = JSON.parse(readFileSync(join(root, 'home-0', 'keys.json'), 'utf8'));
      expect(child.said()).not.toContain(seed);
      expect(child.said()).not.toMatch(/\d Wh|register|import/u);
      for (const name of await readdir(join(root, 'home-0', 'data')))
        expect([name, statSync(join(root, 'home-0', 'data', name)).mode & 0o077]).toEqual([
          name,
          0,
        ]);
      expect(statSync(join(root, 'home-0', 'keys.json')).mode & 0o077).toBe(0);
      expect(errors).toEqual([]);
    }, 300_000);
  });
});

/** `streetwatt gateway` as a household runs it. */
function startChild(config: string) {
  const bin = fileURLToPath(new URL('../../../bin/streetwatt.js', import.meta.url));
  const child = spawn(process.execPath, [bin, 'gateway', '--config', config]);
  let said = '';
  child.stdout.on('data', (data) => {
    said += data;
  });
  child.stderr.on('data', (data) => {
    said += data;
  });
  const ended = new Promise((resolve) => child.on('close', resolve));
  return {
    said: () => said,
    display: async () => {
      await until(() => /http:\S+/u.test(said));
      return /http:\S+/u.exec(said)![0];
    },
    stop: async () => {
      child.kill('SIGTERM');
      await ended;
    },
  };
}
