// The demo as a user starts it: a process, its screen, its folder, Ctrl-C.

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { intervalAt } from '../../src/core/interval.ts';
import { DEMO_START_SECONDS } from '../../src/runtime/demo.ts';
import { openMeterStore } from '../../src/store/meter-store.ts';
import { openMonitorStore } from '../../src/store/monitor-store.ts';

const SCRIPT = fileURLToPath(new URL('../../bin/streetwatt.js', import.meta.url));
const FIRST_INTERVAL = intervalAt(DEMO_START_SECONDS, 900);
const WITH_MAP = ['--meters', '300', '--speed', '100000', '--port', '0'];
const FAST = ['--meters', '300', '--speed', '100000', '--no-map'];

interface Ended {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

class Demo {
  readonly process: ChildProcess;
  stdout = '';
  stderr = '';

  constructor(...args: readonly string[]) {
    this.process = spawn(process.execPath, [SCRIPT, 'demo', ...args], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.process.stdout?.on('data', (chunk) => {
      this.stdout += chunk;
    });
    this.process.stderr?.on('data', (chunk) => {
      this.stderr += chunk;
    });
  }

  async shows(text: string): Promise<void> {
    while (!this.stdout.includes(text)) {
      if (this.process.exitCode !== null) throw new Error(`it ended: ${this.stderr}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  async ended(): Promise<Ended> {
    if (this.process.exitCode === null && this.process.signalCode === null)
      await once(this.process, 'close');
    return { exitCode: this.process.exitCode, stdout: this.stdout, stderr: this.stderr };
  }
}

let directory = '';
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'streetwatt-demo-'));
});
afterAll(() => rm(directory, { recursive: true, force: true }));

describe('streetwatt demo', () => {
  it('shows totals and health of each interval, and ends after the last', async () => {
    const { exitCode, stdout, stderr } = await new Demo(...WITH_MAP, '--intervals', '3').ended();
    expect(stderr).toBe('');
    expect(exitCode).toBe(0);
    expect(stdout).toContain('simulated');
    expect(stdout).toContain('No reading left its meter unmasked');
    expect(stdout.match(/^Tue 14 Oct 2025, 08:[0-9:to ]+ in Madrid/gmu)).toHaveLength(3);
    expect(stdout.match(/^eu +300 +\d+\.\d kW .* \d+ % {2}(published|partial)/gmu)).toHaveLength(3);
    expect(stdout.match(/^figures +\d+ published, \d+ withheld/gmu)).toHaveLength(3);
    expect(stdout.match(/^frames +\d+ of 300 accepted/gmu)).toHaveLength(3);
    expect(stdout.match(/^trustees +3 of 3 answered/gmu)).toHaveLength(3);
    expect(stdout.match(/^auditor +\d+ seals checked, no findings/gmu)).toHaveLength(3);
    expect(stdout).toMatch(/^Map: http:\/\/127\.0\.0\.1:\d+\/ /mu);
    expect(stdout).toContain('as fast as this machine can');
    expect(stdout).toContain('Stopped at Tue 14 Oct 2025, 08:45 in Madrid (simulated)');
  });

  it('shows the same homes for the same seed, whatever the keys', async () => {
    const [first, second] = await Promise.all(
      [1, 2].map(() => new Demo(...FAST, '--intervals', '1', '--seed', 'x').ended()),
    );
    const totals = (ended: Ended | undefined) => ended?.stdout.match(/^eu .*/gmu);
    expect(totals(first)).toHaveLength(1);
    expect(totals(second)).toEqual(totals(first));
  });

  it('goes on at the next interval from its folder, with its history and its meters', async () => {
    const data = join(directory, 'kept');
    const args = [...WITH_MAP, '--intervals', '2', '--data', data];
    const first = await new Demo(...args).ended();
    expect(first.exitCode).toBe(0);
    const bundle = await readFile(join(data, 'network-1', 'network.bundle'));
    const second = await new Demo(...args).ended();
    expect(second.stderr).toBe('');
    expect(second.exitCode).toBe(0);
    expect(second.stdout).toContain('starts at Tue 14 Oct 2025, 08:30 in Madrid');
    expect(second.stdout).toMatch(/^Tue 14 Oct 2025, 08:30 to 08:45 in Madrid/mu);
    expect(second.stdout).toMatch(/^trustees +3 of 3 answered/mu);
    expect(second.stdout).not.toMatch(/already-masked|bad-tag|FINDINGS/u);
    expect(await readFile(join(data, 'network-1', 'network.bundle'))).toEqual(bundle);

    using history = openMonitorStore(join(data, 'monitor.db'));
    const series = history.series({
      name: 'eu',
      from: FIRST_INTERVAL,
      until: FIRST_INTERVAL + 100,
    });
    expect(series.map((row) => row.interval - FIRST_INTERVAL)).toEqual([0, 1, 2, 3]);
    expect(series.every((row) => row.netWh !== undefined && row.netWh > 0)).toBe(true);
    expect(series.every((row) => row.origin === 'network')).toBe(true);
    const before = history.series({ name: 'eu', from: 0, until: FIRST_INTERVAL });
    expect(before.length).toBeGreaterThanOrEqual(2 * 96);
    expect(before.every((row) => row.origin === 'simulated')).toBe(true);
    using meters = openMeterStore(join(data, 'network-1', 'meters.db'));
    expect(meters.meters()).toHaveLength(300);
  });

  it('lets nobody else read what it keeps', async () => {
    const data = join(directory, 'private');
    await new Demo(...FAST, '--intervals', '1', '--data', data).ended();
    const files = (await readdir(data, { recursive: true })).map((name) => join(data, name));
    for (const file of files) expect([file, (await stat(file)).mode & 0o077]).toEqual([file, 0]);
  });

  it('does not mask again what was masked when it was killed', async () => {
    const data = join(directory, 'killed');
    const killed = new Demo(...FAST, '--data', data);
    await killed.shows('08:15 to 08:30');
    killed.process.kill('SIGKILL');
    await killed.ended();
    const { exitCode, stdout } = await new Demo(
      ...[...FAST, '--intervals', '2', '--data', data],
    ).ended();
    expect(exitCode).toBe(0);
    expect(stdout).not.toMatch(/already-masked|bad-tag|equivocation|FINDINGS/u);
    expect(stdout.match(/^frames +[123]\d\d of 300 accepted/gmu)).toHaveLength(2);
  });

  it('goes by what its meters masked, also where the monitor never showed it', async () => {
    const data = join(directory, 'cut-short');
    const args = [...FAST, '--intervals', '1', '--data', data];
    await new Demo(...args).ended();
    await rm(join(data, 'monitor.db'));
    const { stdout } = await new Demo(...args).ended();
    expect(stdout).toContain('08:00 in Madrid was cut short: masked once, it is not masked again.');
    expect(stdout).toMatch(/^Tue 14 Oct 2025, 08:15 to 08:30 in Madrid/mu);
    expect(stdout).not.toContain('already-masked');
  });

  it('refuses other settings than those its folder was begun with', async () => {
    const data = join(directory, 'kept-settings');
    await new Demo(...FAST, '--intervals', '1', '--data', data).ended();
    const { exitCode, stderr } = await new Demo(
      '--meters',
      '400',
      '--no-map',
      '--data',
      data,
    ).ended();
    expect(exitCode).toBe(2);
    expect(stderr).toMatch(/^streetwatt: --meters: expected 300, .* found 400; .*\.\n$/u);
  });

  it('refuses a folder that another demo has open', async () => {
    const data = join(directory, 'busy');
    const running = new Demo('--meters', '300', '--no-map', '--data', data);
    await running.shows('auditor ');
    const { exitCode, stderr } = await new Demo('--no-map', '--data', data).ended();
    expect(exitCode).toBe(2);
    expect(stderr).toContain('no other process has open');
    running.process.kill('SIGINT');
    expect((await running.ended()).exitCode).toBe(130);
  });

  it('ends at once on SIGINT, with a closing line', async () => {
    // The next interval is 100 s away: it does not wait for that.
    const demo = new Demo('--meters', '300', '--port', '0', '--speed', '9');
    await demo.shows('pace ');
    const startMs = performance.now();
    demo.process.kill('SIGINT');
    const { exitCode, stdout, stderr } = await demo.ended();
    expect(performance.now() - startMs).toBeLessThan(20_000);
    expect(exitCode).toBe(130);
    expect(stderr).toBe('');
    expect(stdout.trimEnd().split('\n').at(-1)).toMatch(/^Stopped at .* after 1 interval\./u);
  });
});
