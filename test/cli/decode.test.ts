import { spawn } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { concatBytes, toHex, utf8 } from '../../src/core/bytes.ts';
import {
  encryptedP1,
  P1_LINES,
  p1Telegram,
  readout,
  smlFile,
  TEST_KEY,
  TIC_STANDARD,
  ticFrame,
} from '../gateway/decode/samples.ts';
import { helpOf, type Run, runBin, runHere } from './command-line.ts';

const BIN = fileURLToPath(new URL('../../bin/streetwatt.js', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'streetwatt-decode-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function fileOf(name: string, bytes: Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, bytes);
  return path;
}

const objectsOf = ({ stdout }: Run): Record<string, unknown>[] =>
  stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);

describe('streetwatt decode', () => {
  it('prints one JSON object for each telegram, as a user would run it', async () => {
    const run = await runBin(['decode', 'dsmr-p1', fileOf('p1.txt', p1Telegram())]);
    expect(run).toMatchObject({ exitCode: 0, stderr: '' });
    const [telegram] = objectsOf(run);
    expect(Object.keys(telegram as object)).toEqual([
      'protocol',
      'meter',
      'time',
      'registers',
      'import_wh',
      'export_wh',
      'import_w',
      'export_w',
      'warnings',
    ]);
    expect(telegram).toMatchObject({
      protocol: 'dsmr-p1',
      meter: 'E0099999999999999',
      registers: { '1-0:1.8.1': { value: 123456, unit: 'Wh' } },
      import_wh: 323457,
      warnings: [],
    });
  });

  it.each([
    ['sml', smlFile()],
    ['dsmr-p1', p1Telegram()],
    ['iec62056-21', readout()],
    ['linky-tic', ticFrame(TIC_STANDARD, 'standard')],
  ])('recognises %s, as bytes and as hexadecimal text', async (protocol, bytes) => {
    const raw = await runHere(['decode', 'auto', fileOf('auto.bin', bytes)]);
    expect(objectsOf(raw)).toMatchObject([{ protocol }]);
    const hex = await runHere(['decode', 'auto', fileOf('auto.hex', utf8(toHex(bytes)))]);
    expect(hex).toEqual(raw);
  });

  it('ends with code 1 and one sentence for what is not a telegram of the protocol', async () => {
    const file = fileOf('other.bin', smlFile());
    const run = await runBin(['decode', 'dsmr-p1', file]);
    expect(run).toMatchObject({ exitCode: 1, stdout: '' });
    expect(run.stderr).toBe(
      `streetwatt: ${file}: this is not a telegram of dsmr-p1: expected a telegram, found no beginning of one in ${smlFile().length} bytes.\n`,
    );
    const empty = await runHere(['decode', 'auto', fileOf('empty', new Uint8Array(0))]);
    expect(empty).toMatchObject({ exitCode: 1, stdout: '' });
    expect(empty.stderr.trimEnd().split('\n')).toHaveLength(1);
  });

  it('ends with code 1 and one sentence for a damaged telegram', async () => {
    for (const protocol of ['dsmr-p1', 'auto']) {
      const file = fileOf('damaged.txt', p1Telegram(P1_LINES, '0000'));
      const run = await runHere(['decode', protocol, file]);
      expect(run).toMatchObject({ exitCode: 1, stdout: '' });
      expect(run.stderr).toMatch(/: expected the CRC [0-9A-F]{4}, found 0000, byte \d+\.\n$/u);
      expect(run.stderr.trimEnd().split('\n')).toHaveLength(1);
      const ignoring = await runHere(['decode', protocol, file, '--ignore-checksums']);
      expect(ignoring.exitCode).toBe(0);
      expect(objectsOf(ignoring)).toMatchObject([{ warnings: ['the CRC does not match'] }]);
    }
  });

  it('reports a damaged telegram of a stream, and goes on', async () => {
    const broken = smlFile();
    broken[70] = (broken[70] as number) ^ 1;
    const file = fileOf('stream.bin', concatBytes(utf8('noise'), smlFile(), broken, smlFile()));
    const run = await runHere(['decode', 'sml', file]);
    expect(run.exitCode).toBe(0);
    expect(objectsOf(run)).toHaveLength(2);
    const place = 5 + smlFile().length + broken.length - 2;
    expect(run.stderr).toBe(
      `${file}: skipped: the CRC of the SML file does not match, byte ${place}.\n`,
    );
  });

  it('prints telegrams from standard input while more are to come', async () => {
    const child = spawn(process.execPath, [BIN, 'decode', 'sml', '-'], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    let output = '';
    const hasLines = (count: number): Promise<void> =>
      new Promise((resolve) => {
        child.stdout.on('data', () => output.split('\n').length > count && resolve());
      });
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
    const first = hasLines(1);
    child.stdin.write(concatBytes(smlFile(), smlFile().subarray(0, 50)));
    await first;
    const second = hasLines(2);
    child.stdin.write(smlFile().subarray(50));
    await second;
    const ended = new Promise((resolve) => child.on('close', resolve));
    child.stdin.end();
    expect(await ended).toBe(0);
    expect(output.trimEnd().split('\n')).toHaveLength(2);
  });

  it('reads any capture from standard input', async () => {
    const child = spawn(process.execPath, [BIN, 'decode', 'auto', '-'], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    let output = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
    const ended = new Promise((resolve) => child.on('close', resolve));
    child.stdin.end(toHex(readout()));
    expect(await ended).toBe(0);
    expect(JSON.parse(output)).toMatchObject({ protocol: 'iec62056-21', import_wh: 285400 });
  });

  it('opens an encrypted telegram with its key, and shows no key anywhere', async () => {
    const file = fileOf('smarty.bin', encryptedP1(p1Telegram()));
    const key = toHex(TEST_KEY);
    const wrong = '0123456789abcdef0123456789abcdef';
    const right = await runHere(['decode', 'dsmr-p1', file, '--key', key.toUpperCase()]);
    expect(objectsOf(right)).toMatchObject([{ meter: 'E0099999999999999', import_wh: 323457 }]);
    const runs = [
      right,
      await runHere(['decode', 'auto', file, '--key', key]),
      await runHere(['decode', 'dsmr-p1', file, '--key', wrong]),
      await runHere(['decode', 'dsmr-p1', file, '--key', key, '--auth-key', wrong]),
      await runHere(['decode', 'dsmr-p1', file, '--key', `${wrong}0`]),
      await runBin(['decode', 'dsmr-p1', file, '--key', wrong.slice(1)], { STREETWATT_DEBUG: '1' }),
    ];
    expect(runs.map(({ exitCode }) => exitCode)).toEqual([0, 0, 1, 1, 2, 2]);
    expect(runs[4]?.stderr).toBe(
      'streetwatt: --key: expected a key of 32 hexadecimal digits, found 33 characters.\n',
    );
    for (const { stdout, stderr } of runs)
      for (const secret of [key, wrong, wrong.slice(1)])
        expect(`${stdout}${stderr}`.toLowerCase()).not.toContain(secret);
  });

  it('takes its keys from files, warns where others may read them, and shows nothing of them', async () => {
    const file = fileOf('smarty.bin', encryptedP1(p1Telegram()));
    const key = toHex(TEST_KEY);
    const grouped = (key.match(/../gu) as string[]).join(' ');
    const keyFile = fileOf('smarty.key', utf8(`${grouped}\n`));
    chmodSync(keyFile, 0o600);
    const quiet = await runHere(['decode', 'dsmr-p1', file, '--key-file', keyFile]);
    expect(quiet).toMatchObject({ exitCode: 0, stderr: '' });
    expect(objectsOf(quiet)).toMatchObject([{ import_wh: 323457 }]);
    chmodSync(keyFile, 0o644);
    const open = await runBin(['decode', 'auto', file, '--key-file', keyFile]);
    expect(open).toMatchObject({
      exitCode: 0,
      stderr: `${keyFile}: other users may read this key: chmod 600.\n`,
    });
    expect(objectsOf(open)).toEqual(objectsOf(quiet));
    const short = fileOf('short.key', utf8(key.slice(1)));
    const bad = [
      ['--key-file', short],
      ['--auth-key-file', short],
      ['--key-file', join(folder, 'no.key')],
      ['--key-file', folder],
      ['--key-file', keyFile, '--key', key],
    ];
    for (const options of bad) {
      const run = await runHere(['decode', 'dsmr-p1', file, ...options]);
      expect(run).toMatchObject({ exitCode: 2, stdout: '' });
      expect(run.stderr).not.toContain(key.slice(1));
    }
  });

  it('tells what is wrong with a protocol or a file', async () => {
    expect(await runHere(['decode', 'smell', fileOf('x', smlFile())])).toMatchObject({
      exitCode: 2,
      stderr: expect.stringMatching(
        /^streetwatt: protocol: expected auto, sml, .+, found "smell"\.\n$/u,
      ),
    });
    expect(await runHere(['decode', 'sml', join(folder, 'none')])).toMatchObject({
      exitCode: 2,
      stderr: `streetwatt: ${join(folder, 'none')}: expected a file, found none.\n`,
    });
    expect(await runHere(['decode', 'sml', folder])).toMatchObject({ exitCode: 2 });
    expect(await runHere(['decode', 'sml'])).toMatchObject({ exitCode: 2 });
  });

  it('prints nothing that a terminal would act on', async () => {
    const line = '0-0:96.13.0(a\u009b31m\u001b[2J)';
    const file = fileOf('bad.txt', latin(p1Telegram([line, '1-0:1.8.0(1*kWh)'])));
    const run = await runHere(['decode', 'dsmr-p1', file, '--ignore-checksums']);
    expect(run.exitCode).toBe(0);
    expect(`${run.stdout}${run.stderr}`.replaceAll('\n', '')).not.toMatch(/\p{Cc}/u);
    expect(objectsOf(run)).toMatchObject([
      { registers: { '0-0:96.13.0': { value: 'a\u009b31m\u001b[2J' } } },
    ]);
  });

  it('has help that names every protocol', async () => {
    const help = await helpOf('decode');
    for (const protocol of ['sml', 'dsmr-p1', 'iec62056-21', 'linky-tic'])
      expect(help).toContain(protocol);
  });
});

/** UTF-8 of characters below 256 as one byte each. */
function latin(bytes: Uint8Array): Uint8Array {
  return Uint8Array.from(Buffer.from(new TextDecoder().decode(bytes), 'latin1'));
}
