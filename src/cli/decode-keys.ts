// The keys of `streetwatt decode`: from files, or from the command line, where others see them.

import { readFile, stat } from 'node:fs/promises';
import { type Command, Option } from 'commander';
import { FileError } from '../files/file-error.ts';
import type { DecodeOptions } from '../gateway/decode/telegram.ts';
import { meterKeyOf, parseMeterKey } from '../gateway/meter-key.ts';
import type { Cli } from './cli.ts';
import { UsageError } from './errors.ts';

export interface KeyOptions {
  readonly key?: Uint8Array;
  readonly authKey?: Uint8Array;
  readonly keyFile?: string;
  readonly authKeyFile?: string;
}

/** A file with more is no key; a device that never ends is not read to its end. */
const MAX_KEY_FILE_BYTES = 4096;

export function addKeyOptions(command: Command): Command {
  return command
    .option('--key-file <file>', 'a file with the encryption key, AES-128')
    .option('--auth-key-file <file>', 'a file with the authentication key')
    .addOption(keyOption('--key <hex>', 'the encryption key itself', 'keyFile'))
    .addOption(keyOption('--auth-key <hex>', 'the authentication key itself', 'authKeyFile'));
}

/** @throws FileError */
export async function readKeys(cli: Cli, options: KeyOptions): Promise<DecodeOptions> {
  const key = options.key ?? (await readKeyFile(cli, options.keyFile));
  const authKey = options.authKey ?? (await readKeyFile(cli, options.authKeyFile));
  return { ...(key !== undefined && { key }), ...(authKey !== undefined && { authKey }) };
}

/** Unlike a gateway's, it may be readable to others, which is said: it is looked at once, by hand. */
async function readKeyFile(cli: Cli, file: string | undefined): Promise<Uint8Array | undefined> {
  if (file === undefined) return undefined;
  const found = await stat(file).catch((cause: unknown) => {
    throw new FileError('file-missing', { file, expected: 'a file', found: 'none', cause });
  });
  if (found.isDirectory() || found.size > MAX_KEY_FILE_BYTES)
    throw new FileError('file-unreadable', {
      file,
      expected: 'a file with one key',
      found: found.isDirectory() ? 'a directory' : `${found.size} bytes`,
    });
  if (found.isFile() && (found.mode & 0o077) !== 0)
    cli.warn(`${file}: other users may read this key: chmod 600.`);
  const text = await readFile(file, { encoding: 'utf8', signal: cli.signal }).catch(
    (cause: unknown) => {
      const expected = 'a file that we may read';
      throw new FileError('file-unreadable', {
        file,
        expected,
        found: 'one that we may not',
        cause,
      });
    },
  );
  return meterKeyOf(text.trim(), file);
}

/** The message of a wrong value says nothing of the value: it is a key, or nearly one. */
function keyOption(flags: string, description: string, conflict: string): Option {
  const name = flags.split(' ')[0] as string;
  return new Option(flags, description).conflicts(conflict).argParser((text: string) => {
    const key = parseMeterKey(text);
    if (key !== undefined) return key;
    throw new UsageError(
      'bad-option',
      `${name}: expected a key of 32 hexadecimal digits, found ${text.length} characters.`,
    );
  });
}
