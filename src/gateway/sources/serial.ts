// A meter's bytes from a serial port: a raw TTY, set by `stty` (coreutils) where there is one, and
// read as a file. No native module. Without `stty` the port keeps the speed it has, and Node sets it
// raw, which is enough for USB adapters that were configured before, and for pseudo-terminals.

import { execFile } from 'node:child_process';
import { closeSync, constants, openSync, writeSync } from 'node:fs';
import { ReadStream } from 'node:tty';
import { promisify } from 'node:util';
import type { Protocol } from '../decode/telegram.ts';
import { askAgain, readStream } from './read-stream.ts';
import { type RunSource, SourceError } from './source.ts';
import { createTelegramReader, type TelegramReaderOptions } from './telegram-reader.ts';

export const PARITIES = ['8N1', '8E1', '7E1'] as const;
export type Parity = (typeof PARITIES)[number];

export interface SerialOptions extends TelegramReaderOptions {
  /** `/dev/ttyUSB0`, or better `/dev/serial/by-id/…`, which survives replugging. */
  readonly path: string;
  readonly baud: number;
  readonly parity: Parity;
  readonly silentAfterSeconds: number;
  readonly request?: { readonly text: string; readonly everySeconds: number } | undefined;
}

export interface LineSettings {
  readonly baud: number;
  readonly parity: Parity;
}

/** What the standards say, or what meters do where they say nothing. */
const LINES: Readonly<Partial<Record<Protocol, LineSettings>>> = {
  sml: { baud: 9600, parity: '8N1' },
  'iec62056-21': { baud: 9600, parity: '7E1' },
  'dsmr-p1': { baud: 115_200, parity: '8N1' },
  dlms: { baud: 2400, parity: '8E1' },
  'linky-tic': { baud: 1200, parity: '7E1' },
  mbus: { baud: 2400, parity: '8E1' },
  wmbus: { baud: 115_200, parity: '8N1' },
  c1219: { baud: 9600, parity: '8N1' },
  osgp: { baud: 9600, parity: '8N1' },
  knx: { baud: 19_200, parity: '8E1' },
  // Of networks: over a serial line only where somebody relays them.
  iec61850: { baud: 115_200, parity: '8N1' },
  'ieee2030-5': { baud: 115_200, parity: '8N1' },
};

export function lineDefaults(protocol: Protocol): LineSettings {
  return LINES[protocol] ?? { baud: 9600, parity: '8N1' };
}

/** The arguments of `stty -F <path>`. */
export function sttyArguments(baud: number, parity: Parity): readonly string[] {
  const bits = parity === '7E1' ? 'cs7' : 'cs8';
  const parityBits = parity === '8N1' ? ['-parenb', '-istrip'] : ['parenb', '-parodd', '-inpck'];
  return [
    String(baud),
    'raw',
    bits,
    '-cstopb',
    ...parityBits,
    'clocal',
    '-crtscts',
    '-echo',
    '-hupcl',
  ];
}

export function serialSource(options: SerialOptions): RunSource {
  return async (sink, signal) => {
    const { path, baud, parity, silentAfterSeconds } = options;
    const fd = openPort(path);
    const hasStty = await setLine(path, baud, parity).catch((error: unknown) => {
      closeSync(fd);
      throw error;
    });
    const stream = new ReadStream(fd);
    try {
      if (!hasStty) stream.setRawMode(true);
      sink.connected();
      const stopAsking = askAgain((text) => writeText(fd, text), options.request);
      try {
        await readStream(stream, createTelegramReader(options, sink), signal, silentAfterSeconds);
      } finally {
        stopAsking();
      }
    } finally {
      stream.destroy();
    }
  };
}

/** A request that does not fit into the port's buffer now is sent again later anyhow. */
function writeText(fd: number, text: string): void {
  try {
    writeSync(fd, text, null, 'latin1');
  } catch {}
}

function openPort(path: string): number {
  try {
    // Never our controlling terminal; and never waits for a modem's carrier.
    return openSync(path, constants.O_RDWR | constants.O_NOCTTY | constants.O_NONBLOCK);
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    const hint = code === 'EACCES' ? ' (is the gateway’s user in the group dialout?)' : '';
    throw new SourceError(`cannot open ${path}: ${code}${hint}`, { cause });
  }
}

/** False where there is no stty. */
async function setLine(path: string, baud: number, parity: Parity): Promise<boolean> {
  try {
    await promisify(execFile)('stty', ['-F', path, ...sttyArguments(baud, parity)], {
      timeout: 5000,
    });
    return true;
  } catch (cause) {
    const { code, stderr } = cause as NodeJS.ErrnoException & { stderr?: string };
    if (code === 'ENOENT') return false;
    throw new SourceError(`stty refuses ${path}: ${(stderr ?? '').trim() || code}`, { cause });
  }
}
