import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { decoderOf } from '../../../src/gateway/decode/registry.ts';
import { type SerialOptions, serialSource } from '../../../src/gateway/sources/serial.ts';
import { type PseudoTerminal, pseudoTerminal } from '../../support/meter-stream.ts';
import { readout } from '../decode/samples.ts';
import { collect, until } from './collect.ts';

const sleep = (ms: number) => new Promise((done) => setTimeout(done, ms));
const speedOf = (path: string) => Number(execFileSync('stty', ['-F', path, 'speed'], encoding));
const encoding = { encoding: 'utf8' } as const;
const NOISE = new Uint8Array(40).fill(0xff);
/**
 * Before it speaks, a meter waits for 200 to 1500 ms (IEC 62056-21, 6.6). A pseudo-terminal is quicker
 * than any line: what was heard at 300 baud has taken 1/30 s a character when its meter reacts.
 */
const REACTION_MS = 500;
const afterHearing = (text: string, react: () => void) =>
  setTimeout(react, REACTION_MS + (text.length * 1000) / 30);

interface MeterOptions {
  /** The fifth character of what it says of itself. */
  readonly speed: string;
  /** What it sends its data at. */
  readonly baud: number;
  readonly acknowledged?: string;
  readonly echoes?: boolean;
  readonly address?: string;
}

/** A meter that hears and is heard only at the right speed, by what the port is really set to. */
function startMeter(terminal: PseudoTerminal, options: MeterOptions) {
  const { speed, baud, acknowledged, echoes = false, address = '' } = options;
  const heard: { text: string; baud: number }[] = [];
  const send = (bytes: Uint8Array) =>
    terminal.write(speedOf(terminal.path) === baud ? bytes : NOISE);
  const data = Buffer.from(readout().subarray(readout().indexOf(0x02)));
  let text = '';
  terminal.onHeard((bytes) => {
    text += Buffer.from(bytes).toString('latin1');
    if (echoes) terminal.write(bytes);
    const request = `/?${address}!\r\n`;
    if (text.endsWith(request)) {
      heard.push({ text, baud: speedOf(terminal.path) });
      text = '';
      afterHearing(request, () => {
        terminal.write(Buffer.from(`/XYZ${speed}METER V1.0\r\n`));
        if (acknowledged === undefined) setTimeout(() => send(data), REACTION_MS);
      });
    } else if (acknowledged !== undefined && text.endsWith(acknowledged)) {
      heard.push({ text, baud: speedOf(terminal.path) });
      text = '';
      afterHearing(acknowledged, () => send(data));
    }
  });
  return heard;
}

const signOn = { everySeconds: 1, address: '', maxBaud: 19_200, hasWakeUp: false };

function source(path: string, more: Partial<SerialOptions> = {}) {
  return collect(
    serialSource({
      ...{ decoder: decoderOf('iec62056-21')!, decode: { checksums: 'require' } },
      ...{ takes: { import: 'importWh' }, path, baud: 300, parity: '8N1', silentAfterSeconds: 60 },
      ...{ signOn, ...more },
    }),
  );
}

describe.concurrent('a meter that is signed on to', () => {
  it.each<[string, MeterOptions]>([
    ['mode C', { speed: '5', baud: 9600, acknowledged: '\x06050\r\n' }],
    ['mode C, with an echo', { speed: '5', baud: 9600, acknowledged: '\x06050\r\n', echoes: true }],
    ['mode C at 300 baud', { speed: '0', baud: 300, acknowledged: '\x06000\r\n' }],
    ['mode B', { speed: 'C', baud: 2400 }],
    ['mode A', { speed: ' ', baud: 300 }],
  ])('in %s is read at its own speed, again and again', async (_, options) => {
    await using terminal = await pseudoTerminal();
    const heard = startMeter(terminal, options);
    await using meter = source(terminal.path);
    await until(() => meter.measured.length === 2, 15_000);
    expect(meter.imports()).toEqual([285_400_000, 285_400_000]);
    expect([...meter.health.refused]).toEqual([]);
    expect(heard.every(({ baud }) => baud === 300)).toBe(true);
    expect(heard.at(0)?.text).toBe('/?!\r\n');
    expect(heard.at(-1)?.text).toBe(options.acknowledged ?? '/?!\r\n');
  });

  it('is asked by its address, after zeros where it sleeps, and for no more than the head can do', async () => {
    await using terminal = await pseudoTerminal();
    const acknowledged = '\x06030\r\n';
    const heard = startMeter(terminal, { speed: '6', baud: 2400, acknowledged, address: '12345' });
    const asked = { ...signOn, address: '12345', maxBaud: 2400, hasWakeUp: true };
    await using meter = source(terminal.path, { signOn: asked });
    await until(() => meter.measured.length === 1, 15_000);
    expect(heard[0]?.text).toMatch(/^\0{60,70}\/\?12345!\r\n$/u);
    expect(heard[1]?.text).toBe(acknowledged);
  });

  it('is asked once more where it did not answer, which is counted', async () => {
    await using terminal = await pseudoTerminal();
    await using meter = source(terminal.path);
    await until(() => terminal.heard().split('/?!').length === 3);
    startMeter(terminal, { speed: '4', baud: 4800, acknowledged: '\x06040\r\n' });
    await until(() => meter.measured.length === 1);
    expect(meter.refusedReasons()).toEqual(['no-answer']);
  });

  it('leaves nothing running when the source is stopped', async () => {
    await using terminal = await pseudoTerminal();
    const meter = source(terminal.path);
    await until(() => terminal.heard().includes('/?!'));
    await meter[Symbol.asyncDispose]();
    const before = terminal.heard();
    await sleep(2500);
    expect(terminal.heard()).toBe(before);
  });
});
