// A trial network as a user runs it: every party a process of its own, on a real nats-server with
// its accounts, until a first interval of one minute is on the monitor's screen.

import { chmod, mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import type { FrameDocument } from '../../src/server/wire.ts';
import { runBin } from '../cli/command-line.ts';
import { describeWithNats } from '../support/nats.ts';
import { freePort, startCommand } from '../support/running-command.ts';

describeWithNats('init and up', () => {
  const folders: string[] = [];
  afterAll(async () => {
    for (const folder of folders) await rm(folder, { recursive: true, force: true });
  });

  async function initTrial(): Promise<string> {
    const folder = await mkdtemp(join(tmpdir(), 'streetwatt-up-'));
    folders.push(folder);
    const port = String(await freePort());
    const trial = join(folder, 'trial');
    const mapPort = String(await freePort());
    const args = ['init', trial, '--interval-minutes', '1', '--households', '120', '--port', port];
    args.push('--map-port', mapPort);
    expect((await runBin(args)).exitCode).toBe(0);
    return trial;
  }

  it('publishes the first interval and stops every process cleanly', {
    timeout: 150_000,
  }, async () => {
    const trial = await initTrial();
    await using up = startCommand(['up', trial]);
    await up.seen(
      /^monitor +\S+ eu: net -?\d+ Wh, coverage [\d.]+; \d+ of \d+ cells; 3 of 3 trustees$/mu,
    );
    await up.seen(/^auditor +interval \d+: [1-9]\d* seals checked, 0 findings$/mu);
    const [, base, token] = /^Map: (http:\S+)\/ with the token (\S+)$/mu.exec(up.text())!;
    expect((await fetch(`${base}/api/v1/map`)).status).toBe(401);
    const headers = { Authorization: `Bearer ${token}` };
    const frame = await fetch(`${base}/api/v1/areas/eu.es.13.28.28006.s1/frame`, { headers });
    expect(frame.status).toBe(200);
    const { self, rows } = (await frame.json()) as FrameDocument;
    expect([self.name, self.origin]).toEqual(['Suburb 1, dense', 'network']);
    expect(self.energyWh.net).toBeGreaterThan(0);
    expect(rows.some((row) => row.name.startsWith('Street 1-'))).toBe(true);
    up.child.kill('SIGINT');
    await up.ended;
    expect(up.text()).toMatch(/all \d+ processes have ended/u);
    expect(up.text()).not.toContain('ended by itself');
    expect(up.child.exitCode).toBe(130);
  });

  it('leaves every secret to its owner alone, and names no secret in what nodes read of each other', async () => {
    const trial = await initTrial();
    const files = (await readdir(trial, { recursive: true, withFileTypes: true })).filter((entry) =>
      entry.isFile(),
    );
    const secrets: string[] = [];
    for (const { parentPath, name } of files) {
      if (
        !/^(?:keys\.json|tokens\.json|bus-password|registrar\.json|nats-accounts\.conf|bus-parties\.json|.*\.db)$/u.test(
          name,
        )
      )
        continue;
      const file = join(parentPath, name);
      expect([file, (await stat(file)).mode & 0o077]).toEqual([file, 0]);
      if (name !== 'keys.json') continue;
      secrets.push(
        ...Object.values(JSON.parse(await readFile(file, 'utf8')) as Record<string, string>),
      );
    }
    expect(secrets.length).toBeGreaterThan(8);
    for (const name of ['deployment.json', 'network.bundle', 'monitor.grant']) {
      const bytes = await readFile(join(trial, name));
      for (const secret of secrets) {
        expect(bytes.includes(secret)).toBe(false);
        expect(bytes.includes(Buffer.from(secret, 'hex'))).toBe(false);
      }
    }
  });

  it('refuses a key file that others can read, a folder in use, and a folder that is none', async () => {
    const trial = await initTrial();
    expect((await runBin(['init', trial])).exitCode).toBe(2);
    const nowhere = await runBin(['up', join(trial, 'nowhere')]);
    expect([nowhere.exitCode, nowhere.stderr]).toEqual([
      2,
      expect.stringContaining('streetwatt init'),
    ]);
    const keys = join(trial, 'monitor', 'keys.json');
    await chmod(keys, 0o644);
    const refused = await runBin([
      'node',
      'monitor',
      '--config',
      join(trial, 'monitor', 'node.json'),
    ]);
    expect([refused.exitCode, refused.stderr]).toEqual([2, expect.stringContaining('chmod 600')]);
    const wrong = await runBin([
      'node',
      'trustee',
      '--config',
      join(trial, 'monitor', 'node.json'),
    ]);
    expect([wrong.exitCode, wrong.stderr]).toEqual([2, expect.stringContaining('role trustee')]);
  });
});
