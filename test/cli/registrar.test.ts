import { chmod, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { homeOf, JoiningNetwork } from '../support/joining-network.ts';
import { helpOf, runHere } from './command-line.ts';

const HOMES = [0, 1, 2, 3, 4, 5].map((index) => homeOf(index));
let network: JoiningNetwork;
let inventory: string;
let config: string;

beforeAll(async () => {
  network = await JoiningNetwork.create();
  inventory = join(network.root, 'inventory.csv');
  config = join(network.directory, 'registrar', 'registrar.json');
  await writeInventory('1000');
});
afterAll(() => network[Symbol.asyncDispose]());

async function writeInventory(firstMaxWh: string): Promise<void> {
  const rows = HOMES.map(
    ({ gateway, identity }, index) =>
      `${gateway},es/m0/s0,net,${index === 0 ? firstMaxWh : '1000'},${index},${identity}`,
  );
  const header = 'gateway,area,channels,max_wh,connection_point,identity';
  await writeFile(inventory, [header, ...rows, ''].join('\n'));
}

const trustee = (index: number) => join(network.directory, `trustee-${index}`, 'node.json');
const take = (next: string, ...records: string[]) =>
  runHere([
    ...['registrar', 'take', '--config', config, '--inventory', inventory, '--next', next],
    ...records,
  ]);

describe('streetwatt registrar and trustee', () => {
  it('say which step comes when', async () => {
    const help = await helpOf('registrar');
    for (const word of ['invite', 'take', 'draft', 'publish']) expect(help).toContain(word);
    const ofTrustee = await helpOf('trustee');
    for (const word of ['attest', 'sign']) expect(ofTrustee).toContain(word);
  });

  it('end with exit code 2 and the reason for each record that is refused', async () => {
    const good = await network.recordOf(HOMES[0]!);
    const bad = await network.write('bad.bin', new Uint8Array(100));
    const next = network.newFolder();
    const run = await take(next, good, bad);
    expect([run.exitCode, run.stdout]).toEqual([2, '']);
    expect(run.stderr).toMatch(
      /bad\.bin: refused, malformed: this is no enrolment record\nstreetwatt: 2 records: expected /u,
    );
    expect((await take(next)).exitCode).toBe(2);
    const none = await runHere(['registrar', 'draft', '--config', config, '--next', next]);
    expect([none.exitCode, none.stderr]).toEqual([2, expect.stringContaining('registrar take')]);
    const wrong = join(network.directory, 'monitor', 'node.json');
    const attest = await runHere(['trustee', 'attest', '--config', wrong, '--next', next]);
    expect([attest.exitCode, attest.stderr]).toEqual([2, expect.stringContaining('trustee')]);
  });

  it('refuse a key that others can read', async () => {
    const keys = join(network.directory, 'registrar', 'keys.json');
    await chmod(keys, 0o644);
    const run = await take(network.newFolder(), await network.recordOf(HOMES[0]!));
    expect([run.exitCode, run.stderr]).toEqual([2, expect.stringContaining('chmod 600')]);
    await chmod(keys, 0o600);
  });

  it('warn where a cap would keep a street from being published, and show no secret', async () => {
    await writeInventory('90000');
    const next = network.newFolder();
    const records: string[] = [];
    for (const home of HOMES) records.push(await network.recordOf(home));
    const runs = [await take(next, ...records)];
    for (const index of [0, 1, 2])
      runs.push(await runHere(['trustee', 'attest', '--config', trustee(index), '--next', next]));
    const draft = await runHere(['registrar', 'draft', '--config', config, '--next', next]);
    expect(draft.stderr).toBe(
      'net of es/m0/s0 will not be published: the cap of one meter (max_wh of the inventory) is too much of theirs\n',
    );
    runs.push(draft);
    runs.push(await runHere(['trustee', 'sign', '--config', trustee(1), '--next', next]));
    expect(runs.map(({ exitCode }) => exitCode)).toEqual([0, 0, 0, 0, 0, 0]);
    const said = runs.map(({ stdout, stderr }) => stdout + stderr).join('');
    expect(said).toContain('trustee 1 signs version 2');
    for (const party of ['registrar', 'trustee-0', 'trustee-1']) {
      const file = join(network.directory, party, 'keys.json');
      for (const secret of Object.values(JSON.parse(await readFile(file, 'utf8'))))
        expect(said).not.toContain(secret);
    }
  });
});
