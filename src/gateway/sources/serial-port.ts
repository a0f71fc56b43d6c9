// A serial port: a raw TTY, set by `stty` (coreutils) where there is one, and read as a file. No
// native module. Without `stty` the port keeps the speed it has, and Node sets it raw, which is
// enough for USB adapters that were configured before, and for pseudo-terminals.

import { execFile } from 'node:child_process';
import { closeSync, constants, openSync, writeSync } from 'node:fs';
import { Duplex } from 'node:stream';
import { ReadStream } from 'node:tty';
import { promisify } from 'node:util';
import { SourceError } from './source.ts';

export const PARITIES = ['8N1', '8E1', '7E1'] as const;
export type Parity = (typeof PARITIES)[number];

export interface LineSettings {
  readonly baud: number;
  readonly parity: Parity;
}

export interface SerialPort {
  /** Of the bytes that come; the port is closed with it. */
  readonly stream: ReadStream;
  /** What does not fit into the port's buffer now is lost: whoever asks asks again anyhow. */
  write(bytes: Uint8Array): void;
  /** Once everything written is out. @throws SourceError */
  setSpeed(baud: number): Promise<void>;
}

const STTY_TIMEOUT_MS = 5000;

/** @throws SourceError */
export async function openSerialPort(path: string, line: LineSettings): Promise<SerialPort> {
  const fd = openPort(path);
  const hasStty = await setLine(path, line).catch((error: unknown) => {
    closeSync(fd);
    throw error;
  });
  const stream = new ReadStream(fd);
  if (!hasStty) stream.setRawMode(true);
  return {
    stream,
    write: (bytes) => {
      try {
        writeSync(fd, bytes);
      } catch {}
    },
    setSpeed: async (baud) => {
      if (!(await setLine(path, { ...line, baud })))
        throw new SourceError(`cannot change the speed of ${path}: there is no stty`);
    },
  };
}

/** For libraries that want one stream for both directions. */
export function duplexOf({ stream, write }: SerialPort): Duplex {
  const duplex = new Duplex({
    read: () => void stream.resume(),
    write: (chunk, _encoding, done) => {
      write(chunk);
      done();
    },
    destroy: (error, done) => {
      stream.destroy();
      done(error);
    },
  });
  stream.on('data', (chunk) => {
    if (!duplex.push(chunk)) stream.pause();
  });
  stream.on('error', (error) => duplex.destroy(error));
  stream.on('close', () => duplex.destroy());
  return duplex;
}

/** The arguments of `stty -F <path>`. */
export function sttyArguments({ baud, parity }: LineSettings): readonly string[] {
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

/** False where there is no stty, which waits by itself until everything written is out. */
async function setLine(path: string, line: LineSettings): Promise<boolean> {
  try {
    await promisify(execFile)('stty', ['-F', path, ...sttyArguments(line)], {
      timeout: STTY_TIMEOUT_MS,
    });
    return true;
  } catch (cause) {
    const { code, stderr } = cause as NodeJS.ErrnoException & { stderr?: string };
    if (code === 'ENOENT') return false;
    throw new SourceError(`stty refuses ${path}: ${(stderr ?? '').trim() || code}`, { cause });
  }
}
