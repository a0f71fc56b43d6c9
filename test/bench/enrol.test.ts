// Enrolment through the real roles: what each party holds opens a meter's frame before anything is timed.

import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { expect, it } from 'vitest';
import { checkMeter } from '../../bench/start/enrol-parties.ts';
import { areaId } from '../../src/core/area.ts';
import type { Epoch } from '../../src/core/interval.ts';

const ROOT = new URL('../..', import.meta.url).pathname;

it('times single and batch enrolment, by party and together', async () => {
  const args = ['--expose-gc', 'bench/run.ts', '--quick', 'start.enrol'];
  const child = spawn(process.execPath, args, { cwd: ROOT });
  const exit = new Promise<number | null>((resolve) => child.on('exit', resolve));
  const [out, err, code] = await Promise.all([text(child.stdout), text(child.stderr), exit]);
  expect(`${code} ${err}`).toBe('0 ');
  for (const [id, maker] of [
    ['single', 'meter'],
    ['batch', 'provisioner'],
  ]) {
    expect(out).toMatch(new RegExp(`^start\\.enrol\\.${id} +[\\d.,]+ +meters/s `, 'mu'));
    for (const party of [maker, 'registrar', 'trustee', 'aggregator'])
      expect(out).toMatch(
        new RegExp(`^start\\.enrol\\.${id}\\.${party} +[\\d.,]+ +us/meter `, 'mu'),
      );
  }
}, 60_000);

it('refuses to time parties whose keys do not belong together', () => {
  const key = (byte: number, count = 1) => new Uint8Array(32 * count).fill(byte);
  const street = areaId('xx/s0');
  const keys = {
    componentKeys: [key(1), key(2), key(3)],
    authenticationKey: key(4),
    firstEpoch: 20_000 as Epoch,
  };
  const held = (...flat: readonly Uint8Array[]) => new Map([[street, Buffer.concat(flat)]]);
  const aggregator = held(key(4));
  const trustees = [held(key(1), key(2)), held(key(1), key(3)), held(key(2), key(3))];
  expect(() => checkMeter(0, keys, { trustees, aggregator })).not.toThrow();
  const wrongTrustee = [...trustees.slice(0, 2), held(key(2), key(5))];
  expect(() => checkMeter(0, keys, { trustees: wrongTrustee, aggregator })).toThrow('wrong answer');
  expect(() => checkMeter(0, keys, { trustees, aggregator: held(key(5)) })).toThrow('wrong answer');
});
