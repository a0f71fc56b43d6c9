import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { connect } from '@nats-io/transport-node';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { NatsParty } from '../../src/bus/nats-party.ts';
import { lockAccounts } from '../../src/runtime/bus-accounts.ts';
import { homeOf, type JoiningHome, JoiningNetwork } from '../support/joining-network.ts';
import { describeWithNats, natsServer } from '../support/nats.ts';
import { type Run, runBin, runHere, startBin } from './command-line.ts';

const HOMES = [0, 1, 2, 3, 4, 5, 6].map((index) => homeOf(index));
const SHARED = homeOf(9);
const HOLDER = fileURLToPath(new URL('hold-accounts.ts', import.meta.url));

let network: JoiningNetwork;
beforeEach(async () => {
  network = await JoiningNetwork.create();
});
afterEach(() => network[Symbol.asyncDispose]());

const at = (...names: string[]) => join(network.directory, ...names);
const read = (...names: string[]) => readFile(at(...names), 'utf8');
const parties = async (): Promise<NatsParty[]> => JSON.parse(await read('bus-parties.json'));
const users = async () => (await parties()).map(({ user }) => user);
const passwordOf = async (user: string) =>
  (await parties()).find((party) => party.user === user)?.password;

async function inventoryOf(name: string, homes: readonly JoiningHome[]): Promise<string> {
  const file = join(network.root, `${name}.csv`);
  const rows = homes.map(
    ({ gateway, identity }, point) => `${gateway},es/m0/s0,net,1000,${point},${identity}`,
  );
  const header = 'gateway,area,channels,max_wh,connection_point,identity';
  await writeFile(file, [header, ...rows, ''].join('\n'));
  return file;
}

const inviteArgs = (inventory: string, ...more: string[]) => [
  ...['registrar', 'invite', network.directory, '--inventory', inventory],
  ...more,
];
const revoke = (inventory: string, ...names: string[]): Promise<Run> =>
  runHere(['registrar', 'revoke', network.directory, '--inventory', inventory, ...names]);

/** Each has one account, in both files and in the folder that its household is handed. */
async function expectInvited(homes: readonly JoiningHome[]): Promise<void> {
  const config = await read('nats-accounts.conf');
  const found = await parties();
  for (const { gateway } of homes) {
    const own = found.filter(({ user }) => user === `gateway-${gateway}`);
    expect([gateway, own.length]).toEqual([gateway, 1]);
    const { password } = own[0]!;
    expect(config).toContain(`{ user: "gateway-${gateway}", password: "${password}"`);
    expect(await read('gateways', gateway, 'bus-password')).toBe(password);
    expect(JSON.parse(await read('gateways', gateway, 'gateway.json')).street).toBe('es/m0/s0');
  }
  for (const name of ['nats-accounts.conf', 'bus-parties.json', 'accounts.lock'])
    expect([name, (await stat(at(name))).mode & 0o777]).toEqual([name, 0o600]);
}

describe('streetwatt registrar invite', () => {
  it('loses no account where several processes invite at once', {
    timeout: 120_000,
  }, async () => {
    const before = await users();
    const files = await Promise.all(
      HOMES.map((home, index) => inventoryOf(`own-${index}`, [home, SHARED])),
    );
    const runs = await Promise.all(files.map((file) => runBin(inviteArgs(file))));
    expect(runs.map(({ exitCode, stderr }) => [exitCode, stderr])).toEqual(
      HOMES.map(() => [0, '']),
    );
    await expectInvited([...HOMES, SHARED]);
    expect(new Set(await users())).toEqual(
      new Set([...before, ...[...HOMES, SHARED].map(({ gateway }) => `gateway-${gateway}`)]),
    );
    const names = await readdir(network.directory, { recursive: true });
    expect(names.filter((name) => name.endsWith('.part'))).toEqual([]);
  });

  it('waits while another process changes the accounts, and no longer than that lives', async () => {
    const inventory = await inventoryOf('all', HOMES);
    const holder = spawn(process.execPath, [HOLDER, network.directory], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await once(holder.stdout, 'data');
    const invited = runBin(inviteArgs(inventory));
    expect(await Promise.race([invited, sleep(2500, 'waits')])).toBe('waits');
    expect(await users()).not.toContain('gateway-home-0');
    holder.kill('SIGKILL');
    expect((await invited).exitCode).toBe(0);
    await expectInvited(HOMES);
  });

  it('gives up where it is told to stop while it waits, and has changed nothing', async () => {
    const inventory = await inventoryOf('all', HOMES);
    const before = await read('bus-parties.json');
    using _ = await lockAccounts(network.directory, new AbortController().signal);
    const stop = new AbortController();
    const stopped = runHere(inviteArgs(inventory), stop.signal);
    setTimeout(() => stop.abort(), 100);
    expect((await stopped).stderr).toContain('aborted');
    expect(await read('bus-parties.json')).toBe(before);
  });

  it('says so where --again names one that was not revoked, and whose password stays', async () => {
    const inventory = await inventoryOf('all', HOMES);
    await runHere(inviteArgs(inventory));
    const password = await passwordOf('gateway-home-3');
    const run = await runHere(inviteArgs(inventory, '--again', 'home-3'));
    expect([run.exitCode, run.stderr]).toEqual([
      0,
      'home-3: was not revoked, and keeps its password; revoke it first for another\n',
    ]);
    expect(await passwordOf('gateway-home-3')).toBe(password);
  });

  it('goes on from wherever one was killed', { timeout: 120_000 }, async () => {
    const inventory = await inventoryOf('all', HOMES);
    for (let round = 0; round < 4; round++) {
      const child = startBin(inviteArgs(inventory));
      const ended = once(child, 'close');
      // From the first thing that it writes on, at some moment.
      while (child.exitCode === null && (await stat(at('accounts.lock')).catch(() => 0)) === 0)
        await sleep(1);
      await sleep(Math.random() * 15);
      child.kill('SIGKILL');
      await ended;
      await rm(at('accounts.lock'), { force: true });
    }
    expect((await runBin(inviteArgs(inventory))).exitCode).toBe(0);
    await expectInvited(HOMES);
  });

  it('goes on where only a folder, or only one of the two files, was written', async () => {
    const inventory = await inventoryOf('all', HOMES);
    const accounts = await read('nats-accounts.conf');
    const before = await read('bus-parties.json');
    await runHere(inviteArgs(inventory));
    await writeFile(at('nats-accounts.conf'), accounts);
    await runHere(inviteArgs(inventory));
    await expectInvited(HOMES);
    await writeFile(at('bus-parties.json'), before);
    await rm(at('gateways', 'home-3', 'gateway.json'));
    await runHere(inviteArgs(inventory));
    await expectInvited(HOMES);
  });
});

describe('streetwatt registrar revoke', () => {
  it('takes the account away, again and again, and no `invite` brings it back unasked', async () => {
    const inventory = await inventoryOf('all', HOMES);
    await runHere(inviteArgs(inventory));
    const leaked = await passwordOf('gateway-home-3');
    await writeFile(at('gateways', 'home-3', 'gateway.json'), '{ "street": "es/m0/s0" }');
    await chmod(at('nats-accounts.conf'), 0o644);

    const first = await revoke(inventory, 'home-3', HOMES[4]!.identity.toUpperCase());
    expect([first.exitCode, first.stderr]).toEqual([0, '']);
    expect(first.stdout).toMatch(/^home-3: its account is taken away, no slot$/mu);
    expect(first.stdout).toContain('nats-server --signal reload');
    const second = await revoke(inventory, 'home-3');
    expect(second).toEqual({ exitCode: 0, stdout: expect.any(String), stderr: '' });
    expect(second.stdout).toMatch(/^home-3: it has no account, no slot$/mu);
    // Also once its row is gone.
    const others = await inventoryOf('others', HOMES.slice(0, 3));
    expect((await revoke(others, 'home-3')).exitCode).toBe(0);
    expect(first.stdout + second.stdout).not.toContain(leaked);

    expect(await users()).not.toContain('gateway-home-3');
    expect(await users()).not.toContain('gateway-home-4');
    const config = await read('nats-accounts.conf');
    expect(config).not.toMatch(/gateway-home-[34]/u);
    expect(config).not.toContain(leaked);
    for (const name of ['nats-accounts.conf', 'bus-parties.json', 'revoked.json'])
      expect([name, (await stat(at(name))).mode & 0o777]).toEqual([name, 0o600]);
    await expectInvited(HOMES.filter((_, index) => index !== 3 && index !== 4));

    const unasked = await runHere(inviteArgs(inventory));
    expect(unasked.stderr).toMatch(/^home-3: not invited, it was revoked; --again home-3/mu);
    expect(unasked.stdout).toContain('0 gateways invited, 5 were before');
    expect(await users()).not.toContain('gateway-home-3');
    const again = await runHere(inviteArgs(inventory, '--again', 'home-3'));
    expect(again.stdout).toContain('1 gateways invited, 5 were before');
    await expectInvited([HOMES[3]!]);
    expect(await passwordOf('gateway-home-3')).not.toBe(leaked);
    // What its household has made of it is kept.
    expect(await read('gateways', 'home-3', 'gateway.json')).toBe('{ "street": "es/m0/s0" }');
  });

  it('is completed by whatever changes the accounts next, where it ended half-way', async () => {
    const inventory = await inventoryOf('all', HOMES);
    await runHere(inviteArgs(inventory));
    const leaked = await passwordOf('gateway-home-3');
    const half = () => writeFile(at('revoked.json'), '[{ "gateway": "home-3" }]');
    const full = await read('bus-parties.json');
    await half();
    await runHere(inviteArgs(inventory));
    expect(await read('nats-accounts.conf')).not.toContain(leaked);
    await writeFile(at('bus-parties.json'), full);
    await revoke(inventory, 'home-2');
    expect(await read('nats-accounts.conf')).not.toContain(leaked);
    await writeFile(at('bus-parties.json'), full);
    await half();
    await runHere(inviteArgs(inventory, '--again', 'home-3'));
    await expectInvited(HOMES);
    expect(await read('nats-accounts.conf')).not.toContain(leaked);
  });

  it('stands until no account of before is left, where `invite --again` ends half-way', async () => {
    const inventory = await inventoryOf('all', HOMES);
    await runHere(inviteArgs(inventory));
    const leaked = await passwordOf('gateway-home-3');
    await writeFile(at('revoked.json'), '[{ "gateway": "home-3" }]');
    await rm(at('nats-accounts.conf'));
    await mkdir(at('nats-accounts.conf'));
    const stopped = await runHere(inviteArgs(inventory, '--again', 'home-3'));
    expect(stopped.exitCode).toBe(2);
    expect(stopped.stderr).toContain('nats-accounts.conf');
    expect(JSON.parse(await read('revoked.json'))).toEqual([{ gateway: 'home-3' }]);
    await rm(at('nats-accounts.conf'), { recursive: true });
    await runHere(inviteArgs(inventory, '--again', 'home-3'));
    await expectInvited(HOMES);
    expect(await read('nats-accounts.conf')).not.toContain(leaked);
  });

  it('stays for a gateway whose meter comes back with another one', async () => {
    const inventory = await inventoryOf('all', HOMES);
    await runHere(inviteArgs(inventory));
    await revoke(inventory, 'home-3');
    const { identity } = HOMES[3]!;
    const moved = [
      { ...HOMES[3]!, identity: '' },
      { ...homeOf(33), identity },
    ];
    const again = inviteArgs(await inventoryOf('moved', moved), '--again', 'home-33');
    const run = await runHere(again);
    expect(run.stderr).toMatch(/^home-3: not invited, it was revoked/u);
    expect(await users()).toContain('gateway-home-33');
    expect(await users()).not.toContain('gateway-home-3');
  });

  it('ends with exit code 2 for a name that nobody has, and changes nothing', async () => {
    const inventory = await inventoryOf('all', HOMES);
    await runHere(inviteArgs(inventory));
    const before = await read('bus-parties.json');
    for (const name of ['home-33', 'trustee-0', '../home-3', '', HOMES[0]!.identity.slice(1)]) {
      const run = await revoke(inventory, 'home-3', name);
      expect([name, run.exitCode, run.stdout]).toEqual([name, 2, '']);
      expect(run.stderr).toMatch(/expected one with an account, or a meter with a slot, found /u);
    }
    expect((await revoke(inventory)).exitCode).toBe(2);
    expect((await runHere(inviteArgs(inventory, '--again', 'home-33'))).exitCode).toBe(2);
    expect(await read('bus-parties.json')).toBe(before);
    expect(await readdir(network.directory)).not.toContain('revoked.json');
  });

  it('ends the slot with the next take, which takes no record of the meter any more', async () => {
    const inventory = await inventoryOf('all', HOMES);
    await runHere(inviteArgs(inventory));
    await network.join(HOMES);
    const run = await revoke(inventory, 'home-3');
    expect(run.stdout).toMatch(
      /^home-3: its account is taken away, slot 3 of es\/m0\/s0 ends with the next take$/mu,
    );
    // By its identity alone, where the inventory has no row of it any more.
    const others = await inventoryOf('others', HOMES.slice(0, 3));
    expect((await revoke(others, HOMES[6]!.identity)).stdout).toContain('slot 6 of es/m0/s0');
    const record = await network.recordOf(HOMES[3]!, 'again');
    expect((await network.take(HOMES, [record])).refused).toEqual([
      { file: record, reason: 'revoked' },
    ]);

    const next = network.newFolder();
    const config = at('registrar', 'registrar.json');
    const take = (folder: string) =>
      runHere([
        ...['registrar', 'take', '--config', config, '--inventory', inventory, '--next', folder],
      ]);
    const taken = await take(next);
    expect([taken.exitCode, taken.stderr]).toEqual([0, '']);
    expect(taken.stdout).toContain('0 meters join and 2 leave');
    for (const trustee of [0, 1, 2]) await network.attest(next, trustee);
    await network.draft(next);
    for (const trustee of [0, 1]) await network.sign(next, trustee);
    const { network: after } = await network.publish(next);
    const { entries } = after.streets.find((street) => street !== undefined)!.roster;
    expect(entries.map(({ untilEpoch }) => untilEpoch === after.document.fromEpoch)).toEqual(
      HOMES.map((_, index) => index === 3 || index === 6),
    );
    // Nothing is left to end.
    expect((await take(network.newFolder())).exitCode).toBe(2);
    expect((await revoke(inventory, 'home-3')).stdout).toContain('it has no account, no slot');
  });

  it('keeps the meter of before out where the gateway comes back with another one', async () => {
    await runHere(inviteArgs(await inventoryOf('all', HOMES)));
    await network.join(HOMES);
    await revoke(await inventoryOf('all', HOMES), 'home-3');
    const other = { ...homeOf(33), gateway: 'home-3' };
    const changed = HOMES.map((home) => (home.gateway === 'home-3' ? other : home));
    const again = inviteArgs(await inventoryOf('changed', changed), '--again', 'home-3');
    expect((await runHere(again)).exitCode).toBe(0);
    const result = await network.take(changed, [await network.recordOf(other)]);
    expect([result.taken.map(({ slot }) => slot), result.retiredCount]).toEqual([[7], 1]);
  });
});

describeWithNats('a gateway that was revoked', () => {
  it('is shut out by nats-server’s next look at its file, and nobody else is', async () => {
    const inventory = await inventoryOf('all', HOMES);
    await runHere(inviteArgs(inventory));
    await using server = await natsServer({ config: await read('nats-accounts.conf') });
    const connectAs = async (user: string, pass: string) =>
      connect({ servers: server.url, user, pass, inboxPrefix: `_INBOX.${user}`, reconnect: false });
    const [leaked, other] = await Promise.all(
      ['gateway-home-3', 'gateway-home-2'].map(async (user) => ({
        user,
        password: (await passwordOf(user))!,
      })),
    );
    const intruder = await connectAs(leaked!.user, leaked!.password);
    const home = await connectAs(other!.user, other!.password);

    await revoke(inventory, 'home-3');
    await server.reload(await read('nats-accounts.conf'));
    // Also the connection that it had.
    await intruder.closed();
    await expect(connectAs(leaked!.user, leaked!.password)).rejects.toThrow(/authorization/iu);
    expect(home.isClosed()).toBe(false);
    await home.flush();
    await (await connectAs(other!.user, other!.password)).close();
    await home.close();

    await runHere(inviteArgs(inventory, '--again', 'home-3'));
    await server.reload(await read('nats-accounts.conf'));
    const fresh = (await passwordOf(leaked!.user))!;
    const enter = async () => {
      await (await connectAs(leaked!.user, fresh)).close();
      return 'in';
    };
    await expect.poll(() => enter().catch(() => 'out')).toBe('in');
    await expect(connectAs(leaked!.user, leaked!.password)).rejects.toThrow(/authorization/iu);
  });
});
