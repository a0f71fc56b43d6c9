import { describe, expect, it } from 'vitest';
import { FileError } from '../../../src/files/file-error.ts';
import { readGreenButton } from '../../../src/files/import/green-button.ts';
import { createHomeAssistantReader } from '../../../src/files/import/home-assistant.ts';
import { createMappedCsvReader } from '../../../src/files/import/mapped-csv.ts';
import { parseHomeAssistantMapping } from '../../../src/files/import/mapping.ts';
import { readMscons } from '../../../src/files/import/mscons.ts';
import type { ReadExport } from '../../../src/files/import/read-context.ts';
import { readSmartMeterTexas } from '../../../src/files/import/smart-meter-texas.ts';
import { readUkHalfHourly } from '../../../src/files/import/uk-half-hourly.ts';
import { createRandom, seedOf } from '../../../src/sim/random.ts';
import { importHere } from './import-here.ts';
import { mappingOf, PORTALS } from './portals.ts';

const RUNS = 300;
const SAMPLES: readonly (readonly [string, ReadExport, string])[] = [
  [
    'green-button',
    readGreenButton,
    '<feed><entry><content><ReadingType><uom>72</uom></ReadingType></content></entry><entry><content><IntervalBlock><interval><start>1705298400</start></interval><IntervalReading><timePeriod><duration>900</duration><start>1705298400</start></timePeriod><value>12</value></IntervalReading></IntervalBlock></content></entry></feed>',
  ],
  [
    'smart-meter-texas',
    readSmartMeterTexas,
    "ESIID,USAGE_DATE,REVISION_DATE,USAGE_START_TIME,USAGE_END_TIME,USAGE_KWH,ESTIMATED_ACTUAL,CONSUMPTION_SURPLUSGENERATION\n'1,01/15/2024,01/16/2024 05:15:21, 23:45, 00:00,.2905,A,Consumption\n",
  ],
  [
    'uk-half-hourly',
    readUkHalfHourly,
    'MPAN,Settlement Date,Settlement Period,kWh\n1,2024-03-31,46,0.5\n1,2024-10-27,50,0.5\n',
  ],
  [
    'mscons',
    readMscons,
    "UNA:+.? 'UNB+UNOC:3'UNH+1+MSCONS:D:04B:UN'LOC+172+DE1'PIA+5+1-1?:1.29.0:SRW'QTY+220:1:KWH'DTM+163:202401150000?+00:303'DTM+164:202401150015?+00:303'UNT+1+1'UNZ+1+1'",
  ],
  [
    'home-assistant',
    createHomeAssistantReader(
      parseHomeAssistantMapping('{"statistics":{"a":{"kind":"import","meter":"m"}}}', 'm'),
      'm',
    ),
    '{"result":{"a":[{"start":1705298400000,"end":1705302000000,"sum":1.5},{"start":1705302000000,"end":1705305600000,"sum":2.5}]}}',
  ],
  ...PORTALS.map(
    ({ name, mapping, text }) =>
      [name, createMappedCsvReader(mappingOf(mapping), 'm'), text] as const,
  ),
];

describe('damaged exports', () => {
  it.each(SAMPLES)('of %s end in rows or in one FileError', async (name, read, text) => {
    const random = createRandom(seedOf(name), 0);
    const below = (limit: number): number => Math.floor(random() * limit);
    let readable = 0;
    for (let run = 0; run < RUNS; run++) {
      let damaged = text;
      for (let hit = 0; hit <= below(3); hit++) {
        const at = below(damaged.length);
        const cut = below(4) === 0 ? below(40) : 1;
        const into = String.fromCharCode(32 + below(95)).repeat(below(3));
        damaged = damaged.slice(0, at) + into + damaged.slice(at + cut);
      }
      try {
        await importHere(read, damaged, { meter: 'home' });
        readable++;
      } catch (error) {
        if (!(error instanceof FileError))
          throw new Error(`not foreseen for ${damaged}`, { cause: error });
      }
    }
    expect(readable).toBeLessThan(RUNS);
  });
});
