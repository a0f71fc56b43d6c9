// Frames, trustees, auditor and sources over the last day.

import type { JSX } from 'preact';
import { agoWords } from '../../../src/map/format-time.ts';
import type { HealthDocument } from '../../../src/server/wire.ts';
import { clockNowMs, clockTick, map } from '../state/data.ts';
import { energyFormat } from '../state/formats.ts';
import { countsOverDay, trusteeTallies } from './health-summary.ts';
import { plural } from './plural.ts';

/** Trustees' and aggregators' own words, for people. A word without a line here is shown as it is. */
const FRAME_REASONS: Readonly<Record<string, string>> = {
  'bad-version': 'of an unknown version',
  'bad-length': 'of a wrong length',
  'bad-channels': 'with other channels than enrolled',
  'unknown-slot': 'from a slot that is not on the roster',
  'bad-tag': 'with a wrong tag: altered or forged',
  'closed-interval': 'after the interval was closed',
  'future-interval': 'of an interval that has not begun',
  duplicate: 'sent again',
  equivocation: 'a second value for one interval',
};

export function HealthTables(props: { health: HealthDocument }): JSX.Element {
  const { health } = props;
  return (
    <div class="health-tables">
      <Trustees health={health} />
      <Frames health={health} />
      <Auditor health={health} />
      <Sources health={health} />
    </div>
  );
}

function Trustees(props: { health: HealthDocument }): JSX.Element {
  const { health } = props;
  const disagreements = health.intervals.reduce((sum, item) => sum + item.disagreementCount, 0);
  const tallies = trusteeTallies(health);
  return (
    <section>
      <h3>Trustees</h3>
      {tallies.length === 0 ? (
        <p>No trustees here: these figures were never masked.</p>
      ) : (
        <table>
          <caption class="visually-hidden">Answers of the trustees over the last day</caption>
          <thead>
            <tr>
              <th scope="col">Trustee</th>
              <th scope="col">Answered</th>
              <th scope="col">Otherwise</th>
            </tr>
          </thead>
          <tbody>
            {tallies.map((tally) => (
              <tr key={tally.name}>
                <th scope="row">{tally.name}</th>
                <td>
                  {energyFormat.count(tally.answeredCount)} of{' '}
                  {plural(health.intervals.length, 'interval')}
                </td>
                <td>
                  {tally.otherwise.length === 0
                    ? 'never silent'
                    : tally.otherwise.map(([word, count]) => `${word} ${count}`).join(', ')}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {tallies.length > 0 && (
        <p data-alarm={disagreements > 0}>
          {disagreements === 0
            ? '✓ They agreed on every figure.'
            : `⚠ They disagreed on ${plural(disagreements, 'figure')}: withheld.`}
        </p>
      )}
    </section>
  );
}

function Frames(props: { health: HealthDocument }): JSX.Element {
  const { health } = props;
  const counts = health.intervals.flatMap((item) => item.framesAccepted ?? []);
  const accepted = counts.reduce((sum, count) => sum + count, 0);
  const rejected = countsOverDay(health, 'framesRejected');
  return (
    <section>
      <h3>Frames of the meters</h3>
      {counts.length === 0 ? (
        <p>Aggregators count these; this map is not told.</p>
      ) : (
        <p>{energyFormat.count(accepted)} accepted.</p>
      )}
      {counts.length === 0 ? undefined : rejected.length === 0 ? (
        <p>None rejected.</p>
      ) : (
        <table>
          <caption class="visually-hidden">Rejected frames by reason over the last day</caption>
          <thead>
            <tr>
              <th scope="col">Rejected</th>
              <th scope="col">Frames</th>
            </tr>
          </thead>
          <tbody>
            {rejected.map(([reason, count]) => (
              <tr key={reason}>
                <th scope="row">
                  {FRAME_REASONS[reason] ?? reason} <code>{reason}</code>
                </th>
                <td>{energyFormat.count(count)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </section>
  );
}

function Auditor(props: { health: HealthDocument }): JSX.Element {
  const reports = props.health.intervals.map((item) => item.auditFindings);
  const auditedCount = reports.filter((findings) => findings !== null).length;
  const findings = [...new Set(reports.flatMap((found) => found ?? []))];
  return (
    <section>
      <h3>Auditor</h3>
      {auditedCount === 0 ? (
        <p>No auditor has reported here.</p>
      ) : (
        <>
          <p data-alarm={findings.length > 0}>
            {plural(auditedCount, 'interval')} added up again
            {findings.length === 0 ? ': ✓ nothing to object.' : ', with findings:'}
          </p>
          {findings.length > 0 && (
            <ul class="health-findings">
              {findings.slice(-20).map((finding) => (
                <li key={finding}>{finding}</li>
              ))}
            </ul>
          )}
        </>
      )}
    </section>
  );
}

function Sources(props: { health: HealthDocument }): JSX.Element {
  clockTick.value;
  const intervalMs = (map.value?.intervalSeconds ?? 900) * 1000;
  return (
    <section>
      <h3>Sources</h3>
      <table>
        <caption class="visually-hidden">Where the figures come from</caption>
        <thead>
          <tr>
            <th scope="col">Source</th>
            <th scope="col">Kind</th>
            <th scope="col">Newest ended</th>
          </tr>
        </thead>
        <tbody>
          {props.health.sources.map((source) => (
            <tr key={`${source.area} ${source.name}`}>
              <th scope="row">{source.name}</th>
              <td>{source.origin === 'network' ? '◆ masked network' : '◇ simulated monitor'}</td>
              <td>
                {source.newest === null
                  ? 'nothing yet'
                  : agoWords((clockNowMs() - Date.parse(source.newest) - intervalMs) / 1000)}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
