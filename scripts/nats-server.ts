// Prints the path of a nats-server 2.10 or newer on standard output, and what it did on standard
// error. `--install` fetches Debian's package into .cache/ where none is found.

import { findNatsServer } from '../src/runtime/nats-server.ts';

const say = (line: string) => console.error(`nats-server: ${line}`);
try {
  const found = await findNatsServer({ install: process.argv.includes('--install'), log: say });
  say(`version ${found.version}, found in: ${found.foundIn}`);
  console.log(found.bin);
} catch (error) {
  say((error as Error).message);
  process.exitCode = 1;
}
