// The country is planned in a process of its own, as the registrar's is, long before the interval: its
// memory, gigabytes for a large one, is given back before anything is measured.

import { fork } from 'node:child_process';
import { createNationParties } from './context.ts';
import { type Country, createCountry } from './country.ts';

const HEAP_MIB = 8000;

export interface PlannedCountry {
  readonly country: Country;
  readonly peakBytes: number;
}

if (process.send !== undefined && process.argv[1] === import.meta.filename) {
  const [name, meters] = process.argv.slice(2);
  const country = createCountry(name as string, Number(meters), await createNationParties());
  const planned: PlannedCountry = { country, peakBytes: process.resourceUsage().maxRSS * 1024 };
  process.send(planned, () => process.disconnect());
}

export function planCountry(name: string, meters: number): Promise<PlannedCountry> {
  return new Promise((resolve, reject) => {
    const child = fork(import.meta.filename, [name, String(meters)], {
      serialization: 'advanced',
      execArgv: [`--max-old-space-size=${HEAP_MIB}`],
    });
    let planned: PlannedCountry | undefined;
    child.once('message', (message) => {
      planned = message as PlannedCountry;
    });
    child.once('error', reject);
    child.once('exit', (code) => {
      if (planned === undefined) reject(new Error(`planning the country ended with ${code}`));
      else resolve(planned);
    });
  });
}
