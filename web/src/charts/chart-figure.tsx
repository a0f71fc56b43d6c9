// One small chart with its title, the figure at the pointer or the shown time, and its sentence.

import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { reasonText } from '../../../src/map/cell-state.ts';
import { frame } from '../state/data.ts';
import { energyFormat, timeFormat } from '../state/formats.ts';
import { summarise } from './chart-summary.ts';
import { Plot, type PlotModel } from './plot.ts';

const TITLES = {
  net: 'Net load',
  consumption: 'Consumption',
  production: 'Production',
  coverage: 'Coverage',
} as const;

export function ChartFigure(props: {
  model: PlotModel;
  /** Index of the interval under the pointer, shared by all charts. */
  hovered: number | undefined;
  newestSeconds: number;
  onPick: (atSeconds: number) => void;
  onHover: (index: number | undefined) => void;
}): JSX.Element {
  const { model, hovered } = props;
  const box = useRef<HTMLDivElement>(null);
  const plot = useRef<Plot | undefined>(undefined);
  const latest = useRef(props);
  latest.current = props;

  useEffect(() => {
    const element = box.current;
    if (element === null) return;
    const made = new Plot(element, latest.current.model, {
      onPick: (at) => latest.current.onPick(at),
      onHover: (index) => latest.current.onHover(index),
    });
    plot.current = made;
    const observer = new ResizeObserver(([entry]) => {
      if (entry !== undefined) made.resize(Math.floor(entry.contentRect.width));
    });
    observer.observe(element);
    return () => {
      observer.disconnect();
      plot.current = undefined;
      made[Symbol.dispose]();
    };
  }, []);
  useEffect(() => plot.current?.update(model), [model]);

  const { starts, current, yesterday } = model.columns;
  const shown = model.shownSeconds === undefined ? -1 : starts.indexOf(model.shownSeconds);
  const index = hovered ?? (shown < 0 ? undefined : shown);
  const print = (value: number | null | undefined): string => printValue(model, value);
  const hasFigures = [current, yesterday, model.columns.lastWeek].some((column) =>
    column.some((value) => value !== null),
  );
  return (
    <figure class="chart-figure" data-metric={model.metric}>
      <figcaption>
        <span class="chart-title">
          {TITLES[model.metric]}
          {model.metric !== 'coverage' && <span class="chart-unit"> {model.unit.unit}</span>}
        </span>
        {index !== undefined && (
          <span class="chart-readout">
            <strong>{print(current[index])}</strong>
            <span>
              {' '}
              {timeFormat.value.clock((starts[index] ?? 0) * 1000)}
              {typeof yesterday[index] === 'number' && ` · yesterday ${print(yesterday[index])}`}
            </span>
          </span>
        )}
      </figcaption>
      {hasFigures || (
        <p class="chart-empty">No figures in this stretch of time. {emptyReason(model)}</p>
      )}
      <div
        ref={box}
        class="chart-canvas"
        data-empty={!hasFigures}
        role="img"
        aria-label={sentence(model, props.newestSeconds)}
      />
    </figure>
  );
}

/** Why the focus has none now: most likely why it had none before. */
function emptyReason(model: PlotModel): string {
  const row = frame.value?.self;
  const reason = model.metric === 'coverage' ? row?.reason : row?.absent[model.metric];
  return reason === undefined || reason === null ? '' : reasonText(reason);
}

export function printValue(
  model: Pick<PlotModel, 'metric'>,
  value: number | null | undefined,
): string {
  if (model.metric === 'coverage') return energyFormat.share(value);
  return energyFormat.power(value, { isSigned: model.metric === 'net' });
}

/** The chart for those who do not see it. */
function sentence(model: PlotModel, newestSeconds: number): string {
  const title = TITLES[model.metric];
  const summary = summarise(model.columns.starts, model.columns.current, newestSeconds);
  if (summary === undefined) return `${title}: no figures in this stretch of time.`;
  const format = timeFormat.value;
  const at = (seconds: number): string =>
    `${format.clock(seconds * 1000)} on ${format.day(seconds * 1000)}`;
  const gaps = summary.gapCount === 0 ? 'no gaps' : `${summary.gapCount} without figures`;
  return (
    `${title}: from ${printValue(model, summary.min)} at ${at(summary.minAt)} ` +
    `to ${printValue(model, summary.max)} at ${at(summary.maxAt)}; ` +
    `${summary.valueCount} intervals, ${gaps}.`
  );
}
