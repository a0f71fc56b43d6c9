// The focus over time: net load, consumption, production and coverage on one clock, beside the same
// local time yesterday and last week.

import 'uplot/dist/uPlot.min.css';
import './series-chart.css';
import type { JSX } from 'preact';
import { useMemo, useState } from 'preact/hooks';
import { stopPlaying } from '../slider/player.ts';
import { rangePreset, shownRange, timeBounds, wantedStart } from '../slider/shown-range.ts';
import { showAt, type TimeBounds } from '../slider/step-time.ts';
import {
  type RangePreset,
  type TimeRange,
  type TimeTick,
  timeTicks,
} from '../slider/time-range.ts';
import { area, map } from '../state/data.ts';
import { timeFormat } from '../state/formats.ts';
import { showTime } from '../state/navigate.ts';
import { axisUnit } from './axis-unit.ts';
import {
  assembleColumns,
  comparisonStarts,
  originsOf,
  simulatedBands,
  startsOf,
} from './chart-data.ts';
import { ChartFigure } from './chart-figure.tsx';
import { type Palette, usePalette } from './palette.ts';
import type { ChartMetric, PlotModel } from './plot.ts';
import { type FocusSeries, retrySeries, useFocusSeries } from './series-store.ts';
import { SeriesTable } from './series-table.tsx';

const CHART_METRICS: readonly ChartMetric[] = ['net', 'consumption', 'production', 'coverage'];

export function SeriesChart(): JSX.Element | null {
  const series = useFocusSeries();
  const palette = usePalette();
  const range = shownRange.value;
  const bounds = timeBounds.value;
  const about = map.value;
  if (range === undefined || bounds === undefined || about === undefined) return null;
  return (
    <section class="panel series-chart" aria-labelledby="series-chart-title">
      <header>
        <h2 id="series-chart-title">
          {rangePreset.value === 'day' ? 'The day' : 'The week'} in {area.value?.name}
        </h2>
        <p class="chart-days">{rangeWords(range)}</p>
      </header>
      <div class="body">
        <LineKey series={series} />
        <Notes series={series} />
        {palette !== undefined && (
          <Charts series={series} palette={palette} range={range} bounds={bounds} />
        )}
      </div>
    </section>
  );
}

function rangeWords(range: TimeRange): string {
  const format = timeFormat.value;
  const first = format.day(range.fromSeconds * 1000);
  const last = format.day(range.untilSeconds * 1000 - 1);
  return first === last ? first : `${first} to ${last}`;
}

function Charts(props: {
  series: FocusSeries;
  palette: Palette;
  range: TimeRange;
  bounds: TimeBounds;
}): JSX.Element {
  const { palette, bounds } = props;
  const [hovered, setHovered] = useState<number | undefined>(undefined);
  const models = useModels(props.series, palette, props.range);
  const pick = (atSeconds: number): void => {
    const known = timeBounds.peek();
    if (known === undefined) return;
    stopPlaying();
    showTime(showAt(atSeconds, known));
  };
  return (
    <>
      <div class="chart-grid">
        {models.map((model) => (
          <ChartFigure
            key={model.metric}
            model={model}
            hovered={hovered}
            newestSeconds={bounds.newestSeconds}
            onPick={pick}
            onHover={setHovered}
          />
        ))}
      </div>
      <SeriesTable models={models} bounds={bounds} onPick={pick} />
    </>
  );
}

/** New columns only where series or range are new: a step of the shown time moves only its marker. */
function useModels(series: FocusSeries, palette: Palette, range: TimeRange): PlotModel[] {
  const timeZone = map.value?.timeZone ?? 'UTC';
  const intervalSeconds = map.value?.intervalSeconds ?? 900;
  const shownSeconds = wantedStart.value;
  const preset = rangePreset.value;
  const format = timeFormat.value;
  const clock = useMemo(
    () => ({
      starts: startsOf(range, intervalSeconds),
      yesterday: comparisonStarts(range, -1, timeZone, intervalSeconds),
      lastWeek: comparisonStarts(range, -7, timeZone, intervalSeconds),
      ticks: timeTicks(range, preset === 'day' ? 6 : 24, timeZone),
    }),
    [range, intervalSeconds, timeZone, preset],
  );
  const drawn = useMemo(
    () =>
      CHART_METRICS.map((metric) => {
        const columns = assembleColumns(metric, series, clock);
        const values = [...columns.current, ...columns.yesterday, ...columns.lastWeek];
        const unit = metric === 'coverage' ? { unit: '', divisor: 1 } : axisUnit(values, 'W');
        return { metric, columns, unit };
      }),
    [series.current, series.yesterday, series.lastWeek, clock],
  );
  return useMemo(() => {
    const origins = originsOf(series.current);
    const bands = origins.size > 1 ? simulatedBands(series.current) : [];
    const tickLabel = tickLabelFor(preset, format);
    return drawn.map((item) => ({
      ...item,
      untilSeconds: range.untilSeconds,
      intervalSeconds,
      ticks: clock.ticks,
      tickLabel,
      bands,
      shownSeconds,
      palette,
    }));
  }, [drawn, shownSeconds, palette, format]);
}

function tickLabelFor(
  preset: RangePreset,
  format: { readonly clock: (ms: number) => string; readonly day: (ms: number) => string },
): (tick: TimeTick) => string {
  if (preset === 'day') return (tick) => format.clock(tick.atSeconds * 1000);
  return (tick) => format.day(tick.atSeconds * 1000).replace(/[\s,.].*$/, '');
}

function LineKey(props: { series: FocusSeries }): JSX.Element {
  const { series } = props;
  const stretch = rangePreset.value === 'day' ? 'this day' : 'this week';
  const lines = [
    ['current', stretch, true],
    ['yesterday', 'the same time a day before', series.yesterday !== undefined],
    ['last-week', 'the same time a week before', series.lastWeek !== undefined],
  ] as const;
  return (
    <ul class="line-key">
      {lines.map(([kind, words, isThere]) => (
        <li key={kind}>
          <svg viewBox="0 0 28 6" width="28" height="6" aria-hidden="true" data-line={kind}>
            <path d="M0 3H28" />
          </svg>
          {words}
          {!isThere && series.area !== '' && ': no figures that old'}
        </li>
      ))}
    </ul>
  );
}

function Notes(props: { series: FocusSeries }): JSX.Element {
  const { series } = props;
  const origins = originsOf(series.current);
  return (
    <div class="chart-notes">
      {series.pendingCount > 0 && (
        <p role="status">
          Opening {series.pendingCount} interval{series.pendingCount === 1 ? '' : 's'}: nobody has
          looked at them before, so the trustees are being asked.
        </p>
      )}
      {series.problem !== undefined && (
        <p class="chart-problem" role="status">
          {series.problem.title}: {series.problem.detail}{' '}
          <button type="button" class="button" onClick={retrySeries}>
            Try again
          </button>
        </p>
      )}
      {origins.has('simulated') && origins.has('network') && (
        <p>Shaded: simulated sums. Elsewhere: totals unmasked from meters’ readings.</p>
      )}
      {origins.has('simulated') && !origins.has('network') && <p>All of it simulated sums.</p>}
    </div>
  );
}
