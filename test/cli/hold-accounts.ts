// A process that holds the accounts of a deployment until it is killed (registrar-accounts.test.ts).

import { lockAccounts } from '../../src/runtime/bus-accounts.ts';

using _ = await lockAccounts(process.argv[2] as string, new AbortController().signal);
process.stdout.write('held\n');
await new Promise((done) => setTimeout(done, 600_000));
