// Smart Meter Texas, "15 Min Interval Data" as CSV: ESIID (with an apostrophe, for spreadsheets),
// USAGE_DATE, REVISION_DATE, USAGE_START_TIME, USAGE_END_TIME, USAGE_KWH, ESTIMATED_ACTUAL and
// CONSUMPTION_SURPLUSGENERATION. Local time of Texas; 92 and 100 rows on the days that the clock
// changes, the hour that comes twice in its order. Of several revisions the newest stands.

import { readCsvTable } from './csv-table.ts';
import type { ValueKind } from './imported-values.ts';
import { createLocalClock } from './local-clock.ts';
import { fileError, parseEnergy, type ReadExport } from './read-context.ts';
import { createStampParser } from './stamp.ts';
import { createTimeZone, type TimeZone } from './time-zone.ts';

const DAY_SECONDS = 86_400;
const parseStamp = createStampParser('MM/DD/YYYY HH:mm');
const parseRevision = createStampParser('MM/DD/YYYY HH:mm:ss');

export const readSmartMeterTexas: ReadExport = async (source, { values, zone, signal }) => {
  const clock = createLocalClock(zone ?? (createTimeZone('America/Chicago') as TimeZone));
  let at = { esiid: 0, date: 0, revision: 0, start: 0, end: 0, kwh: 0, estimated: 0, kind: 0 };
  await readCsvTable(
    source,
    { signal },
    {
      onColumns(columns) {
        at = {
          esiid: columns.find('ESIID'),
          date: columns.find('USAGE_DATE'),
          revision: columns.findOptional('REVISION_DATE'),
          start: columns.find('USAGE_START_TIME'),
          end: columns.find('USAGE_END_TIME'),
          kwh: columns.find('USAGE_KWH'),
          estimated: columns.findOptional('ESTIMATED_ACTUAL'),
          kind: columns.find('CONSUMPTION_SURPLUSGENERATION'),
        };
      },
      onRow(row) {
        const meter = row.text(at.esiid).replace(/^'/, '');
        const kindText = row.text(at.kind);
        const kind = kindOf(kindText);
        if (kind === undefined) {
          const expected = '"Consumption" or "Surplus Generation"';
          throw fileError('bad-value', row.place(at.kind), expected, kindText);
        }
        const localOf = (column: number): number => {
          const stamp = parseStamp(`${row.text(at.date)} ${row.text(column)}`);
          if (stamp?.kind === 'local') return stamp.localSeconds;
          const found = `${row.text(at.date)} ${row.text(column)}`;
          throw fileError('bad-start', row.place(column), 'a time as MM/DD/YYYY and HH:MM', found);
        };
        const localStart = localOf(at.start);
        const localEnd = localOf(at.end);
        // The last interval of a day ends at 00:00, and the one before a change of the clock at
        // what the clock shows then: 03:00 in spring, 01:00 in autumn.
        let duration = localEnd - localStart;
        if (duration <= -DAY_SECONDS + 3600) duration += DAY_SECONDS;
        else if (duration > 3600) duration -= 3600;
        else if (duration <= 0) duration += 3600;
        if (duration <= 0 || duration > 3600) {
          throw fileError(
            'bad-start',
            row.place(at.end),
            'an end at most an hour after the start',
            row.text(at.end),
          );
        }
        const revisionText = at.revision < 0 ? '' : row.text(at.revision);
        const revision = revisionText === '' ? undefined : parseRevision(revisionText);
        if (revisionText !== '' && revision === undefined) {
          const expected = 'a time as MM/DD/YYYY HH:MM:SS';
          throw fileError('bad-start', row.place(at.revision), expected, revisionText);
        }
        const place = row.place(at.kwh);
        // Before an empty value is left out: it has its place in the order of a repeated hour.
        const startSeconds = clock.resolve(
          `${meter} ${kind} ${revisionText}`,
          localStart,
          row.place(at.start),
        );
        const text = row.text(at.kwh);
        if (text === '') {
          values.counts.unmeasured++;
          return;
        }
        if (at.estimated >= 0 && /^e/i.test(row.text(at.estimated))) values.counts.estimated++;
        values.addSpan(
          {
            meter,
            kind,
            startSeconds,
            durationSeconds: duration,
            energyMws: parseEnergy(text, { unit: 'kWh', seconds: duration }, place),
            rank: revision?.kind === 'local' ? revision.localSeconds : 0,
          },
          place,
        );
      },
    },
  );
};

function kindOf(text: string): ValueKind | undefined {
  const word = text.toLowerCase().replace(/[\s_]/g, '');
  if (word === 'consumption') return 'import';
  return word === 'surplusgeneration' || word === 'generation' ? 'export' : undefined;
}
