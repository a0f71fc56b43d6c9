// One chart on canvas: today's line, yesterday's and last week's faint behind it, the shown interval
// marked, simulated stretches shaded. It is made once and given new data; nothing else holds it.

import uPlot from 'uplot';
import type { Metric } from '../../../src/map/metric.ts';
import type { TimeTick } from '../slider/time-range.ts';
import { type AxisUnit, axisSteps } from './axis-unit.ts';
import type { ChartColumns, OriginBand } from './chart-data.ts';
import type { Palette } from './palette.ts';

export type ChartMetric = Extract<Metric, 'net' | 'consumption' | 'production' | 'coverage'>;

/** What is drawn; read anew at every drawing. */
export interface PlotModel {
  readonly metric: ChartMetric;
  readonly columns: ChartColumns;
  readonly untilSeconds: number;
  readonly intervalSeconds: number;
  readonly unit: AxisUnit;
  readonly ticks: readonly TimeTick[];
  readonly tickLabel: (tick: TimeTick) => string;
  readonly bands: readonly OriginBand[];
  readonly shownSeconds: number | undefined;
  readonly palette: Palette;
}

export interface PlotListener {
  /** Unix seconds under the pointer. */
  onPick(atSeconds: number): void;
  onHover(index: number | undefined): void;
}

const HEIGHT_PX = 124;
const SYNC_KEY = 'streetwatt-series';

export class Plot {
  #model: PlotModel;
  readonly #plot: uPlot;

  constructor(box: HTMLElement, model: PlotModel, listener: PlotListener) {
    this.#model = model;
    const read = () => this.#model;
    this.#plot = new uPlot(optionsFor(read, box.clientWidth, listener), dataOf(model), box);
    this.#plot.over.addEventListener('click', (event) => {
      listener.onPick(this.#plot.posToVal(event.offsetX, 'x'));
    });
  }

  /** Draws again only what has changed. */
  update(model: PlotModel): void {
    const before = this.#model;
    this.#model = model;
    const isSameData = before.columns === model.columns && before.unit === model.unit;
    if (!isSameData) this.#plot.setData(dataOf(model));
    else if (before !== model) this.#plot.redraw(false, before.ticks !== model.ticks);
  }

  resize(widthPx: number): void {
    if (widthPx > 0 && widthPx !== this.#plot.width)
      this.#plot.setSize({ width: widthPx, height: HEIGHT_PX });
  }

  [Symbol.dispose](): void {
    this.#plot.destroy();
  }
}

function dataOf(model: PlotModel): uPlot.AlignedData {
  const { starts, current, yesterday, lastWeek } = model.columns;
  // The axis runs to the end of the last interval, not to its start.
  const x = [...starts, model.untilSeconds];
  const y = (column: readonly (number | null)[]) =>
    [...column, null].map((value) => (value === null ? null : value / model.unit.divisor));
  return [x, y(lastWeek), y(yesterday), y(current)];
}

function optionsFor(read: () => PlotModel, widthPx: number, listener: PlotListener): uPlot.Options {
  const lineColor = () => read().palette.lines[read().metric];
  const stepped = uPlot.paths.stepped?.({ align: 1 });
  const line = (rest: uPlot.Series): uPlot.Series => ({
    ...(stepped === undefined ? {} : { paths: stepped }),
    stroke: lineColor,
    spanGaps: false,
    ...rest,
  });
  const { font } = read().palette;
  // The scale ends on lines of the axis: both are made of the same steps.
  let lines: readonly number[] = [0, 1];
  return {
    width: Math.max(widthPx, 120),
    height: HEIGHT_PX,
    padding: [6, 4, 0, 0],
    legend: { show: false },
    cursor: {
      y: false,
      drag: { x: false, y: false, setScale: false },
      sync: { key: SYNC_KEY },
      // The interval under the pointer, not the nearest start; a dot on the main line only.
      dataIdx: (_plot, _series, nearest, x) =>
        x < (read().columns.starts[nearest] ?? read().untilSeconds)
          ? Math.max(nearest - 1, 0)
          : nearest,
      points: { size: (_plot, series) => (series === 3 ? 7 : 0), width: 0, fill: lineColor },
    },
    scales: {
      x: { time: true, range: () => xRange(read()) },
      y: {
        range: (_plot, min, max) => {
          lines = yLines(read().metric, min, max);
          return [lines[0] ?? 0, lines.at(-1) ?? 1];
        },
      },
    },
    series: [
      {},
      line({ width: 1.25, alpha: 0.55, dash: [1, 3], points: { show: false } }),
      line({ width: 1.25, alpha: 0.65, dash: [5, 3], points: { show: false } }),
      line({
        width: 2,
        fill: () => `${lineColor()}1f`,
        fillTo: 0,
        points: { show: true, size: 5, filter: lonePoints },
      }),
    ],
    axes: [
      {
        size: 24,
        gap: 7,
        font,
        stroke: () => read().palette.text,
        grid: { stroke: () => read().palette.grid, width: 1 },
        ticks: { show: false },
        splits: () => read().ticks.map((tick) => tick.atSeconds),
        values: () => read().ticks.map((tick) => read().tickLabel(tick)),
      },
      {
        size: 46,
        gap: 4,
        font,
        stroke: () => read().palette.text,
        grid: { stroke: () => read().palette.grid, width: 1 },
        ticks: { show: false },
        splits: () => [...lines],
        values: (_plot, splits) => splits.map((value) => axisLabel(read().metric, value)),
      },
    ],
    hooks: {
      drawClear: [(plot) => drawBands(plot, read())],
      draw: [(plot) => drawShown(plot, read())],
      setCursor: [(plot) => listener.onHover(hoveredIndex(plot, read()))],
    },
  };
}

function hoveredIndex(plot: uPlot, model: PlotModel): number | undefined {
  const left = plot.cursor.left ?? -1;
  if (left < 0 || model.columns.starts.length === 0) return undefined;
  const first = model.columns.starts[0] as number;
  // The interval under the pointer, not the nearest start, which may be the next one's.
  const index = Math.floor((plot.posToVal(left, 'x') - first) / model.intervalSeconds);
  return Math.min(Math.max(index, 0), model.columns.starts.length - 1);
}

function xRange(model: PlotModel): uPlot.Range.MinMax {
  return [model.columns.starts[0] ?? 0, model.untilSeconds];
}

/** Zero is always on the axis: a load seen without it looks more lively than it is. */
function yLines(metric: ChartMetric, min: number | null, max: number | null): readonly number[] {
  if (metric === 'coverage') return [0, 0.5, 1];
  const low = Math.min(0, min ?? 0);
  const high = Math.max(0, max ?? 0);
  return low === high ? [0, 1] : axisSteps(low, high, 4);
}

function axisLabel(metric: ChartMetric, value: number): string {
  if (metric === 'coverage') return `${Math.round(value * 100)}%`;
  return String(Number(value.toPrecision(6))).replace('-', '−');
}

/** A figure between two gaps has no line: it gets a dot. */
function lonePoints(plot: uPlot, seriesIndex: number): number[] {
  const values = plot.data[seriesIndex] ?? [];
  const found: number[] = [];
  for (let i = 0; i < values.length; i++) {
    const isAlone = values[i] != null && values[i - 1] == null && values[i + 1] == null;
    if (isAlone) found.push(i);
  }
  return found;
}

function drawBands(plot: uPlot, model: PlotModel): void {
  const { ctx, bbox } = plot;
  ctx.save();
  ctx.fillStyle = model.palette.band;
  for (const band of model.bands) {
    const from = plot.valToPos(Math.max(band.fromSeconds, xRange(model)[0] ?? 0), 'x', true);
    const until = plot.valToPos(Math.min(band.untilSeconds, model.untilSeconds), 'x', true);
    if (until > from) ctx.fillRect(from, bbox.top, until - from, bbox.height);
  }
  ctx.restore();
}

function drawShown(plot: uPlot, model: PlotModel): void {
  const { ctx, bbox } = plot;
  ctx.save();
  const zero = plot.valToPos(0, 'y', true);
  ctx.strokeStyle = model.palette.zero;
  ctx.lineWidth = devicePixelRatio;
  ctx.beginPath();
  ctx.moveTo(bbox.left, zero);
  ctx.lineTo(bbox.left + bbox.width, zero);
  ctx.stroke();
  if (model.shownSeconds !== undefined) {
    const from = plot.valToPos(model.shownSeconds, 'x', true);
    const until = plot.valToPos(model.shownSeconds + model.intervalSeconds, 'x', true);
    ctx.fillStyle = model.palette.accent;
    ctx.globalAlpha = 0.25;
    ctx.fillRect(from, bbox.top, Math.max(until - from, 2), bbox.height);
    ctx.globalAlpha = 1;
    ctx.fillRect(
      (from + until) / 2 - devicePixelRatio / 2,
      bbox.top,
      devicePixelRatio,
      bbox.height,
    );
  }
  ctx.restore();
}
