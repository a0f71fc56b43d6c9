// Telegrams of a meter whose register moves: a captured one, with another value patched in and its
// checksums made right again, since one capture has one value.

import { spawn } from 'node:child_process';
import { CRC16_ARC, CRC16_X25, crc16 } from '../../src/gateway/decode/crc16.ts';

/** Of a P1 telegram with a checksum: `1-0:1.8.1` and `1-0:2.8.1`, in Wh; other tariffs stay. */
export function p1With(telegram: Uint8Array, importWh: number, exportWh?: number): Uint8Array {
  let text = Buffer.from(telegram).toString('latin1');
  const set = (code: string, energyWh: number) => {
    const found = new RegExp(`(${code}\\()(\\d+)\\.(\\d+)(\\*kWh\\))`).exec(text);
    if (found === null) throw new Error(`the telegram has no ${code}`);
    const [whole, head, digits, decimals] = found as unknown as [string, string, string, string];
    const value = (energyWh / 1000).toFixed(decimals.length);
    text = text.replace(
      whole,
      `${head}${value.padStart(digits.length + 1 + decimals.length, '0')}*kWh)`,
    );
  };
  set('1-0:1\\.8\\.1', importWh);
  if (exportWh !== undefined) set('1-0:2\\.8\\.1', exportWh);
  const end = text.indexOf('!') + 1;
  const bytes = Buffer.from(text.slice(0, end), 'latin1');
  const crc = crc16(CRC16_ARC, bytes).toString(16).toUpperCase().padStart(4, '0');
  return new Uint8Array(Buffer.from(`${text.slice(0, end)}${crc}\r\n`, 'latin1'));
}

const ESCAPE = Buffer.from('1b1b1b1b', 'hex');
const SML_START = Buffer.from('1b1b1b1b01010101', 'hex');
const GET_LIST = Buffer.from('726307', 'hex');

/** The first whole file of an SML capture, its register `1-0:1.8.0` at `value` in the meter's own steps. */
export function smlWith(capture: Uint8Array, value: number, obis = '0100010800ff'): Uint8Array {
  const all = Buffer.from(capture);
  const start = all.indexOf(SML_START);
  const end = all.indexOf(Buffer.concat([ESCAPE, Buffer.of(0x1a)]), start + 8) + 8;
  const file = Buffer.from(all.subarray(start, end));
  let at = file.indexOf(Buffer.from(`7707${obis}`, 'hex'));
  if (at < 0) throw new Error(`the telegram has no ${obis}`);
  at += 8;
  // Status, time, unit, scaler; then the value.
  for (let field = 0; field < 4; field++) at = afterField(file, at);
  const width = ((file[at] as number) & 0x0f) - 1;
  const written = Math.min(width, 6);
  file.fill(0, at + 1, at + 1 + width);
  file.writeUIntBE(value, at + 1 + width - written, written);
  // The message is from its `76` to the last byte before the next message's; its end is 63 <crc> 00.
  const list = file.indexOf(GET_LIST);
  const messageStart = file.lastIndexOf(0x76, list - 1 - 2 - 2);
  const close = file.indexOf(Buffer.from('726302', 'hex'), list);
  const messageEnd = file.lastIndexOf(0x76, close - 5);
  if (close < 0) throw new Error('the telegram has no end');
  const crc = crc16(CRC16_X25, file, messageStart, messageEnd - 4);
  file.writeUInt16LE(crc, messageEnd - 3);
  const whole = crc16(CRC16_X25, file, 0, file.length - 2);
  file.writeUInt16LE(whole, file.length - 2);
  return new Uint8Array(file);
}

function afterField(file: Buffer, at: number): number {
  const head = file[at] as number;
  const count = head & 0x0f;
  if (head >> 4 !== 7) return at + Math.max(1, count);
  let next = at + 1;
  for (let item = 0; item < count; item++) next = afterField(file, next);
  return next;
}

export interface PseudoTerminal extends AsyncDisposable {
  /** What a gateway opens as a serial port. */
  readonly path: string;
  write(bytes: Uint8Array): void;
  /** What was written to it from the gateway's side. */
  heard(): string;
  /** The same, as it comes. */
  onHeard(listen: (bytes: Uint8Array) => void): void;
}

/** A pseudo-terminal whose other end is ours: util-linux's `script` makes one without any right. */
export async function pseudoTerminal(): Promise<PseudoTerminal> {
  // The shell first takes away what a terminal would do to bytes on their way.
  const child = spawn('script', ['-qfc', 'stty raw -echo; tty; exec sleep 3600', '/dev/null'], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  let said = '';
  const path = await new Promise<string>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', () => reject(new Error('script ended')));
    child.stdout.on('data', (data) => {
      said += data;
      const found = /\/dev\/pts\/\d+/u.exec(said);
      if (found !== null) resolve(found[0]);
    });
  });
  return {
    path,
    heard: () => said,
    onHeard: (listen) => void child.stdout.on('data', listen),
    write: (bytes) => void child.stdin.write(bytes),
    [Symbol.asyncDispose]: async () => {
      child.removeAllListeners('close');
      const ended = new Promise((resolve) => child.once('close', resolve));
      child.kill('SIGKILL');
      await ended;
    },
  };
}
