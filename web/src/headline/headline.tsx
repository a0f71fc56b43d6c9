// The focus in numbers: net balance first, the four it is made of, and whether they add up.

import './headline.css';
import type { JSX } from 'preact';
import { reasonText } from '../../../src/map/cell-state.ts';
import { ENERGY_METRICS, type EnergyMetric } from '../../../src/map/metric.ts';
import type { RowDocument } from '../../../src/server/wire.ts';
import { indexAt } from '../charts/chart-data.ts';
import { type FocusSeries, useFocusSeries } from '../charts/series-store.ts';
import { sameLocalTime } from '../slider/local-time.ts';
import { area, frame, frameStart, map } from '../state/data.ts';
import { energyFormat } from '../state/formats.ts';
import { showPanel } from '../state/navigate.ts';
import { BalanceCheck } from './balance-check.tsx';
import { NetBalance, Tile, type Yesterday } from './figures.tsx';

const TILES = [
  { metric: 'consumption', label: 'Consumption', words: undefined },
  { metric: 'production', label: 'Production', words: undefined },
  { metric: 'import', label: 'Import', words: 'sum of import registers' },
  { metric: 'export', label: 'Export', words: 'sum of export registers' },
] as const satisfies readonly { metric: EnergyMetric; label: string; words: string | undefined }[];

export function Headline(): JSX.Element | null {
  const series = useFocusSeries();
  const shown = frame.value;
  const about = map.value;
  if (shown === undefined || about === undefined) return null;
  const row = shown.self;
  const yesterday = yesterdayOf(series, about.timeZone);
  const sharedReason = reasonOfAll(row);
  const isStreet = area.value?.level === about.levels.at(-1) && area.value?.origin === 'network';
  const figures = { row, yesterday, intervalSeconds: about.intervalSeconds, sharedReason };
  return (
    <section class="panel headline" aria-labelledby="headline-title">
      <h2 id="headline-title" class="visually-hidden">
        {area.value?.name} in numbers
      </h2>
      <NetBalance {...figures} />
      <dl class="headline-tiles">
        {TILES.map((tile) => (
          <Tile key={tile.metric} {...tile} {...figures} />
        ))}
      </dl>
      {sharedReason === undefined && <BalanceCheck row={row} />}
      <Coverage row={row} sharedReason={sharedReason} />
      {about.hasEvidence && isStreet && (
        <p class="headline-privacy">
          <button type="button" class="link" onClick={() => showPanel('privacy')}>
            What each party holds of this street
          </button>
        </p>
      )}
    </section>
  );
}

/** The reason for which all five are absent; undefined where one is there, or they differ. */
function reasonOfAll(row: RowDocument): string | undefined {
  const reasons = new Set<string>();
  for (const metric of ENERGY_METRICS) {
    if (row.energyWh[metric] !== null) return undefined;
    reasons.add(row.absent[metric] ?? row.reason ?? 'missing');
  }
  return reasons.size === 1 ? [...reasons][0] : undefined;
}

function Coverage(props: { row: RowDocument; sharedReason: string | undefined }): JSX.Element {
  const { row } = props;
  const isBlank = props.sharedReason !== undefined;
  const notes: string[] = [];
  if (!isBlank && row.status !== 'published' && row.reason !== null)
    notes.push(`Of what is left out: ${lowerFirst(reasonText(row.reason))}`);
  if (!row.isChecked && row.energyWh.net !== null)
    notes.push('Some sums had one trustee’s answer only and are unchecked.');
  if (row.origin === 'simulated') notes.push('Simulated sums.');
  return (
    <p class="headline-coverage">
      <strong>{isBlank ? 'No coverage' : `Coverage ${energyFormat.share(row.coverage)}`}</strong> of{' '}
      {energyFormat.count(row.meterCount)} meters. {notes.join(' ')}
    </p>
  );
}

/** A sentence that goes on after a colon. */
function lowerFirst(sentence: string): string {
  return sentence.charAt(0).toLowerCase() + sentence.slice(1);
}

function yesterdayOf(series: FocusSeries, timeZone: string): Yesterday {
  const shown = frameStart.value;
  if (shown === undefined) return {};
  const at = sameLocalTime(shown, -1, timeZone);
  // In a week's view yesterday lies in the current range as well.
  const document = [series.yesterday, series.current].find(
    (candidate) => indexAt(candidate, at) !== undefined,
  );
  const index = indexAt(document, at);
  if (document === undefined || index === undefined || at === undefined) return {};
  const figure = (metric: EnergyMetric): number | null => document.energyWh[metric][index] ?? null;
  return {
    at,
    coverage: document.coverage[index] ?? null,
    net: figure('net'),
    consumption: figure('consumption'),
    production: figure('production'),
    import: figure('import'),
    export: figure('export'),
  };
}
