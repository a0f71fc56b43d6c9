// streetwatt decode: what is in a captured telegram of a meter, as JSON.

import { createReadStream } from 'node:fs';
import type { Command } from 'commander';
import { excerpt } from '../files/excerpt.ts';
import { FileError } from '../files/file-error.ts';
import { type DecodedCapture, decodeCapture } from '../gateway/decode/decode-capture.ts';
import { DECODERS, decoderOf } from '../gateway/decode/registry.ts';
import { createTelegramStream, receiveBytes } from '../gateway/decode/stream.ts';
import type {
  Damage,
  Decoded,
  DecodeOptions,
  Decoder,
  Protocol,
} from '../gateway/decode/telegram.ts';
import { printTelegram } from '../gateway/decode/telegram-json.ts';
import type { Cli } from './cli.ts';
import { addKeyOptions, type KeyOptions, readKeys } from './decode-keys.ts';
import { NoTelegramError, UsageError } from './errors.ts';

const STDIN = '-';
const MAX_CAPTURE_BYTES = 64 * 1024 * 1024;
/** A line that is nothing but noise would fill the terminal. */
const MAX_REPORTED = 20;

const HELP_AFTER = `
FILE holds raw bytes, hexadecimal text in any dress, a hex dump or lines of a log; - is
standard input, where telegrams of a named protocol are printed as they arrive. Energy is
in Wh and power in W. What is damaged is reported on stderr and skipped; exit code 1 where
there is no telegram at all. Keys are printed nowhere, but a key on the command line is
seen by other users of this machine while the command runs, and kept in the shell's history:
better --key-file, with a file that only you can read.

Examples:
  $ streetwatt decode auto capture.bin
  $ streetwatt decode dsmr-p1 telegram.txt
  $ streetwatt decode dsmr-p1 smarty.bin --key-file smarty.key
  $ stty -F /dev/ttyUSB0 9600 raw && streetwatt decode sml - < /dev/ttyUSB0`;

interface DecodeCommandOptions extends KeyOptions {
  readonly ignoreChecksums?: boolean;
}

export function registerDecode(program: Command, cli: Cli): void {
  const command = program
    .command('decode')
    .description("Print what a meter's telegrams say, one JSON object each.")
    .argument('<protocol>', `auto, ${protocolNames()}`)
    .argument('<file>', 'a capture, or - for standard input');
  addKeyOptions(command)
    .option('--ignore-checksums', 'read telegrams whose checksum does not match, with a warning')
    .addHelpText('after', HELP_AFTER)
    .action(async (protocol: string, file: string, options: DecodeCommandOptions) => {
      await decode(cli, parseProtocol(protocol), file, {
        ...(await readKeys(cli, options)),
        ...(options.ignoreChecksums && { checksums: 'ignore' }),
      });
    });
}

async function decode(
  cli: Cli,
  protocol: Protocol | 'auto',
  file: string,
  options: DecodeOptions,
): Promise<void> {
  const printer = new Printer(cli, file === STDIN ? 'standard input' : file);
  const decoder = protocol === 'auto' || file !== STDIN ? undefined : decoderOf(protocol);
  const bytes = await readCapture(cli, file, (chunk, isEnd) => {
    if (decoder !== undefined) printer.arrive(decoder, chunk, isEnd, options);
    return printer.telegramCount === 0;
  });
  if (printer.telegramCount === 0) printer.printCapture(decodeCapture(bytes, protocol, options));
  if (printer.telegramCount === 0) throw printer.nothingFound(protocol);
}

class Printer {
  telegramCount = 0;
  readonly #cli: Cli;
  readonly #file: string;
  readonly #stream = createTelegramStream();
  /** Until the first telegram: what was damaged is said then, or in the one sentence at the end. */
  #damages: { readonly damage: Damage; readonly place: string }[] = [];
  #damageCount = 0;

  constructor(cli: Cli, file: string) {
    this.#cli = cli;
    this.#file = file;
  }

  /** Telegrams that became whole by `chunk`. */
  arrive(decoder: Decoder, chunk: Uint8Array, isEnd: boolean, options: DecodeOptions): void {
    const { rest } = this.#stream;
    for (const decoded of receiveBytes(this.#stream, chunk, decoder, options))
      this.#print(decoded, '');
    if (!isEnd || this.telegramCount === 0) return;
    for (const { start, end } of decoder.split(rest, true).pieces)
      this.#print(decoder.decode(rest.subarray(start, end), options), '');
  }

  printCapture({ form, pieces }: DecodedCapture): void {
    this.#damages = [];
    this.#damageCount = 0;
    for (const { start, decoded } of pieces) {
      const offset = start + (decoded.kind === 'damage' ? decoded.offset : 0);
      const place = form === 'raw' || form === 'parity' ? '' : ' of what the text stands for';
      this.#print(decoded, form === undefined ? '' : `, byte ${offset}${place}`);
    }
    const rest = this.#damageCount - MAX_REPORTED;
    if (rest > 0 && this.telegramCount > 0) this.#warn(`${rest} more damaged telegrams skipped`);
  }

  nothingFound(protocol: Protocol | 'auto'): NoTelegramError {
    const [first] = this.#damages;
    const others = this.#damageCount > 1 ? ` (and ${this.#damageCount - 1} more like it)` : '';
    const name = protocol === 'auto' ? 'a telegram' : `a telegram of ${protocol}`;
    const isOther = first === undefined || first.damage.reason === 'not-a-telegram';
    const what = isOther ? `this is not ${name}` : `expected ${name} that is whole and right`;
    const reason = first === undefined ? 'nothing there' : `${first.damage.detail}${first.place}`;
    return new NoTelegramError(`${this.#file}: ${what}: ${reason}${others}.`);
  }

  #print(decoded: Decoded, place: string): void {
    if (decoded.kind === 'damage') {
      this.#damageCount++;
      if (this.telegramCount > 0) this.#report(decoded, place);
      else if (this.#damages.length < MAX_REPORTED) this.#damages.push({ damage: decoded, place });
      return;
    }
    this.telegramCount++;
    for (const held of this.#damages.splice(0)) this.#report(held.damage, held.place);
    this.#cli.print(printTelegram(decoded));
  }

  #report({ detail }: Damage, place: string): void {
    if (this.#damageCount <= MAX_REPORTED) this.#warn(`skipped: ${detail}${place}`);
  }

  #warn(text: string): void {
    this.#cli.warn(excerpt(`${this.#file}: ${text}.`, { maxLength: 4096, quoted: false }));
  }
}

/** All of it, or what came before `keeps` said that no more is needed. */
async function readCapture(
  cli: Cli,
  file: string,
  keeps: (chunk: Uint8Array, isEnd: boolean) => boolean,
): Promise<Uint8Array> {
  const source = file === STDIN ? process.stdin : createReadStream(file, { signal: cli.signal });
  const onAbort = (): void => void source.destroy();
  cli.signal.addEventListener('abort', onAbort, { once: true });
  let chunks: Uint8Array[] = [];
  let length = 0;
  try {
    for await (const chunk of source as AsyncIterable<Uint8Array>) {
      const isKept = keeps(chunk, false);
      if (!isKept) chunks = [];
      else chunks.push(chunk);
      length = isKept ? length + chunk.length : 0;
      if (length > MAX_CAPTURE_BYTES)
        throw new FileError('too-many-rows', {
          file,
          expected: `${MAX_CAPTURE_BYTES} bytes at most`,
          found: 'more',
        });
    }
  } catch (error) {
    if (!cli.signal.aborted) throw fileErrorOf(error, file);
  } finally {
    cli.signal.removeEventListener('abort', onAbort);
  }
  keeps(new Uint8Array(0), true);
  return Buffer.concat(chunks);
}

function fileErrorOf(error: unknown, file: string): unknown {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (code === 'ENOENT')
    return new FileError('file-missing', { file, expected: 'a file', found: 'none', cause: error });
  if (!/^E[A-Z0-9]+$/u.test(code)) return error;
  return new FileError('file-unreadable', {
    file,
    expected: 'a readable file',
    found: code === 'EISDIR' ? 'a directory' : `the system's error ${code}`,
    cause: error,
  });
}

function parseProtocol(text: string): Protocol | 'auto' {
  const decoder = DECODERS.find(({ protocol }) => protocol === text);
  if (decoder !== undefined) return decoder.protocol;
  if (text === 'auto') return 'auto';
  throw new UsageError(
    'bad-option',
    `protocol: expected auto, ${protocolNames()}, found ${excerpt(text)}.`,
  );
}

function protocolNames(): string {
  return DECODERS.map(({ protocol }) => protocol)
    .join(', ')
    .replace(/, (?=[^,]*$)/u, ' or ');
}
