// A network of real gateways by commands alone, as operator, trustees and households type them: made,
// joined, running on a real nats-server to a published total, and joined again while it runs. Every
// party is a process. On the system's clock: intervals of one minute.

import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import { connectNats } from '../../src/bus/nats-bus.ts';
import { RESTRICTED_API_PREFIX } from '../../src/bus/nats-permissions.ts';
import { runBin } from '../cli/command-line.ts';
import { MadeUpMeter } from '../support/made-up-meter.ts';
import { describeWithNats } from '../support/nats.ts';
import { freePort, startCommand } from '../support/running-command.ts';
import { UTC_DAY_TIMEOUT_MS, utcDay } from '../support/utc-day.ts';

const INTERVAL_MS = 60_000;
/** Five must stay with one of them away: the fewest that are published. */
const FIRST_HOMES = [0, 1, 2, 3, 4, 5];
const LATE_HOME = 6;
const PER_INTERVAL_WH = [11, 13, 17, 19, 23, 29, 31];
const TRUSTEES = [0, 1, 2];

describeWithNats('gateways that join by commands', () => {
  beforeAll(utcDay, UTC_DAY_TIMEOUT_MS);

  it('publishes the plain sum of the homes that joined, and takes another one in while it runs', {
    timeout: 300_000,
  }, async () => {
    await using owned = new AsyncDisposableStack();
    const root = await mkdtemp(join(tmpdir(), 'streetwatt-join-'));
    owned.defer(() => rm(root, { recursive: true, force: true }));
    const pilot = join(root, 'pilot');
    const inventory = join(root, 'inventory.csv');
    const identities = new Map<number, string>();
    const writeInventory = (homes: readonly number[]) =>
      writeFile(
        inventory,
        [
          'gateway,area,channels,max_wh,connection_point,identity',
          ...homes.map(
            (home) => `home-${home},es/m0/s0,net,1000,${home},${identities.get(home) ?? ''}`,
          ),
          '',
        ].join('\n'),
      );
    const homeFile = (home: number, name: string) => join(pilot, 'gateways', `home-${home}`, name);
    /** The household's part: its meter, in the configuration that it was handed. */
    const complete = async (home: number): Promise<MadeUpMeter> => {
      const file = homeFile(home, 'gateway.json');
      const config = JSON.parse(await readFile(file, 'utf8'));
      const source = { kind: 'file', name: 'grid', path: 'meter.txt', protocol: 'dsmr-p1' };
      config.sources = [{ ...source, takes: { import: 'importWh' } }];
      await writeFile(file, JSON.stringify(config));
      await writeFile(homeFile(home, 'meter.txt'), '');
      return new MadeUpMeter(homeFile(home, 'meter.txt'), PER_INTERVAL_WH[home]!, INTERVAL_MS);
    };

    await writeInventory(FIRST_HOMES);
    const port = String(await freePort());
    const mapPort = String(await freePort());
    await run(
      'init',
      pilot,
      '--gateways',
      inventory,
      '--min-meters',
      '5',
      ...['--port', port],
      ...['--map-port', mapPort, '--interval-minutes', '1'],
    );

    // It may run before anybody has joined.
    const up = owned.use(startCommand(['up', pilot]));
    const meters: MadeUpMeter[] = [];
    for (const home of FIRST_HOMES) meters.push(await complete(home));
    const timer = setInterval(() => {
      for (const meter of meters) meter.speak();
    }, 1500);
    owned.defer(() => clearInterval(timer));
    const gateways = FIRST_HOMES.map((home) =>
      owned.use(startCommand(['gateway', '--config', homeFile(home, 'gateway.json')])),
    );
    for (const home of FIRST_HOMES) {
      const identity = /identity ([0-9a-f]{64})/u;
      await gateways[home]!.seen(identity);
      identities.set(home, identity.exec(gateways[home]!.text())![1]!);
    }

    await writeInventory(FIRST_HOMES);
    const join2 = await change(
      root,
      pilot,
      inventory,
      'next-2',
      FIRST_HOMES.map((home) => homeFile(home, 'enrolment.bin')),
      [0, 2],
    );
    expect(join2).toContain('version 2, signed by 2 trustees, 6 meters in 1 cells');

    // One more, while all of it runs and the first interval passes.
    await up.seen(/^trustee-0 +the network's version 2 takes over$/mu);
    await writeInventory([...FIRST_HOMES, LATE_HOME]);
    await run('registrar', 'invite', pilot, '--inventory', inventory);
    await up.seen(/nats-server has new accounts/u);
    await complete(LATE_HOME);
    const enrolled = await run(
      'gateway',
      '--config',
      homeFile(LATE_HOME, 'gateway.json'),
      '--enrol',
    );
    identities.set(LATE_HOME, /identity ([0-9a-f]{64})/u.exec(enrolled)![1]!);
    await writeInventory([...FIRST_HOMES, LATE_HOME]);
    const join3 = await change(
      root,
      pilot,
      inventory,
      'next-3',
      [homeFile(LATE_HOME, 'enrolment.bin')],
      [0, 1, 2],
    );
    expect(join3).toContain('version 3, signed by 3 trustees, 7 meters in 1 cells');
    for (const party of ['trustee-0', 'aggregator-es-m0', 'monitor'])
      await up.seen(
        new RegExp(`^${party} +version 3 of the network takes effect with epoch \\d+$`, 'mu'),
      );
    const password = (await readFile(homeFile(LATE_HOME, 'bus-password'), 'utf8')).trim();
    const credentials = { user: `gateway-home-${LATE_HOME}`, password };
    const url = `nats://127.0.0.1:${port}`;
    const enter = async () => {
      await using _ = await connectNats({ url, credentials, apiPrefix: RESTRICTED_API_PREFIX });
    };
    await enter();

    // And out again: nobody else loses a reading by it, as the total shows.
    const late = `home-${LATE_HOME}`;
    const revoked = await run('registrar', 'revoke', pilot, '--inventory', inventory, late);
    expect(revoked).toMatch(/^home-6: its account is taken away, slot 6 of es\/m0\/s0 ends /mu);
    await expect
      .poll(() => enter().catch(({ code }) => code), { timeout: 30_000 })
      .toBe('forbidden');

    const total = PER_INTERVAL_WH.slice(0, 6).reduce((sum, wh) => sum + wh, 0);
    await up.seen(
      new RegExp(
        `^monitor +\\S+ es: net ${total} Wh, coverage 1; 1 of 1 cells; 3 of 3 trustees$`,
        'mu',
      ),
    );
    await up.seen(/^auditor +interval \d+: [1-9]\d* seals checked, 0 findings$/mu);
    expect(up.text()).not.toMatch(/es: net (?!112 )|ALERT/u);
    for (const gateway of gateways)
      expect(gateway.text()).toMatch(/enrolled in es\/m0\/s0, slot \d/u);
    up.child.kill('SIGINT');
    await up.ended;
    expect(up.text()).not.toContain('ended by itself');
    const { tokens } = JSON.parse(await readFile(join(pilot, 'monitor', 'tokens.json'), 'utf8'));
    expect(up.text()).toMatch(/^Map: \S+ with a token of \S+tokens\.json$/mu);
    expect(up.text()).not.toContain(tokens[0].token);
  });
});

/** Registrar and trustees in turn; what `publish` says. */
async function change(
  root: string,
  pilot: string,
  inventory: string,
  name: string,
  records: readonly string[],
  signers: readonly number[],
): Promise<string> {
  const next = ['--next', join(root, name)];
  const registrar = ['--config', join(pilot, 'registrar', 'registrar.json'), ...next];
  const trustee = (index: number) => [
    '--config',
    join(pilot, `trustee-${index}`, 'node.json'),
    ...next,
  ];
  await run('registrar', 'take', ...registrar, '--inventory', inventory, ...records);
  for (const index of TRUSTEES) await run('trustee', 'attest', ...trustee(index));
  await run('registrar', 'draft', ...registrar);
  for (const index of signers) await run('trustee', 'sign', ...trustee(index));
  return run('registrar', 'publish', ...registrar);
}

async function run(...args: string[]): Promise<string> {
  const { exitCode, stdout, stderr } = await runBin(args);
  expect([args[0], exitCode, stderr]).toEqual([args[0], 0, '']);
  return stdout;
}
