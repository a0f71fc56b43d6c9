// What the colours mean: metric, unit, interval, normalisation, the steps with how many cells are in
// each, where the pointed cell is, and how many cells are in each of the states.

import './legend.css';
import type { JSX } from 'preact';
import { CELL_STATE_NAMES, CELL_STATES } from '../../../src/map/cell-state.ts';
import { type Classes, classCount, classRange } from '../../../src/map/classes.ts';
import { Patterns } from '../map/patterns.tsx';
import { type Cell, countClasses, countStates } from '../state/cells.ts';
import { map, stageFrame } from '../state/data.ts';
import { energyFormat, timeFormat } from '../state/formats.ts';
import { type Level, level, palette } from '../state/level.ts';
import { hoveredRow, metric, scale } from '../state/view.ts';
import { METRIC_WORDS, stateWords } from '../state/words.ts';
import { StateSwatch } from './state-swatch.tsx';

const NORMALISATION = {
  meter: 'mean power per meter',
  km2: 'mean power per km²',
  abs: 'mean power of the whole cell',
} as const;

export function Legend(): JSX.Element | null {
  const known = level.value;
  const about = map.value;
  if (known === undefined || about === undefined) return null;
  const isShare = known.classes.unit === 'share';
  return (
    <section class="panel legend" aria-label="Legend">
      <header>
        <h2>{METRIC_WORDS[metric.value].label}</h2>
        <p class="legend-unit">
          {isShare ? 'share of meters' : NORMALISATION[scale.value]}
          {', '}
          {intervalText(about.intervalSeconds)}
        </p>
      </header>
      <div class="body">
        <Steps known={known} />
        <States cells={known.cells} />
      </div>
    </section>
  );
}

function intervalText(intervalSeconds: number): string {
  const shown = stageFrame.value;
  const minutes = `${Math.round(intervalSeconds / 60)} min`;
  if (shown === undefined) return minutes;
  return timeFormat.value.intervalUtc(Date.parse(shown.start), Date.parse(shown.end));
}

function Steps({ known }: { readonly known: Level }): JSX.Element {
  const { classes, cells, byId } = known;
  const count = classCount(classes);
  const counts = countClasses(cells, count);
  const most = Math.max(1, ...counts);
  const pointed = byId.get(hoveredRow.value ?? '');
  const colours = palette.value;
  return (
    <div class="legend-steps" data-unit={classes.unit}>
      <ol class="legend-bars">
        {counts.map((cellCount, i) => (
          <li
            key={`${classes.unit}-${colours[i]}`}
            class={pointed?.classIndex === i ? 'is-pointed' : undefined}
            title={`${rangeText(classes, i)}: ${cellCount} ${cellCount === 1 ? 'cell' : 'cells'}`}
          >
            <svg width="100%" height="30" preserveAspectRatio="none" aria-hidden="true">
              <rect
                class="legend-bar"
                width="100%"
                height={(26 * cellCount) / most}
                y={30 - (26 * cellCount) / most}
              />
            </svg>
            <svg width="100%" height="12" aria-hidden="true">
              <rect class="legend-swatch" width="100%" height="12" fill={colours[i] ?? 'none'} />
            </svg>
            <span class="visually-hidden">
              {rangeText(classes, i)}: {cellCount} cells
            </span>
          </li>
        ))}
      </ol>
      <ol class="legend-thresholds" aria-hidden="true">
        {classes.thresholds.map((threshold, i) => (
          <li key={threshold} ref={(node) => placeAt(node, (i + 1) / count)}>
            {thresholdText(classes, threshold)}
          </li>
        ))}
      </ol>
      <p class="legend-ends" aria-hidden="true">
        <span>{lowWords(classes)}</span>
        <span class="legend-pointed">{pointedText(pointed, classes)}</span>
        <span>{highWords(classes)}</span>
      </p>
    </div>
  );
}

function placeAt(node: HTMLElement | null, share: number): void {
  if (node !== null) node.style.left = `${share * 100}%`;
}

function pointedText(cell: Cell | undefined, classes: Classes): string {
  if (cell === undefined || cell.value === null) return '';
  const isSigned = classes.kind === 'diverging';
  return `▲ ${energyFormat.value(cell.value, classes.unit, { isSigned })}`;
}

function lowWords(classes: Classes): string {
  return classes.kind === 'diverging' ? '◀ feeds the grid' : '';
}

function highWords(classes: Classes): string {
  return classes.kind === 'diverging' ? 'draws from it ▶' : '';
}

function thresholdText(classes: Classes, threshold: number): string {
  if (classes.unit === 'share') return energyFormat.share(threshold);
  return energyFormat.power(threshold, { isShort: true });
}

function rangeText(classes: Classes, index: number): string {
  const [from, until] = classRange(classes, index);
  if (from === undefined && until === undefined) return 'all';
  if (from === undefined) return `below ${thresholdText(classes, until as number)}`;
  if (until === undefined) return `${thresholdText(classes, from)} and more`;
  return `${thresholdText(classes, from)} to ${thresholdText(classes, until)}`;
}

function States({ cells }: { readonly cells: readonly Cell[] }): JSX.Element {
  const counts = countStates(cells);
  const colour = palette.value[Math.floor(palette.value.length / 2)];
  return (
    <ul class="legend-states">
      <li class="visually-hidden" aria-hidden="true">
        <svg width="0" height="0" aria-hidden="true">
          <Patterns prefix="legend" />
        </svg>
      </li>
      {CELL_STATE_NAMES.map((state) => (
        <li
          key={state}
          title={CELL_STATES[state].explanation}
          class={counts[state] === 0 ? 'is-none' : undefined}
        >
          <StateSwatch state={state} colour={colour} />
          {CELL_STATES[state].label} <b>{counts[state]}</b>
        </li>
      ))}
      {counts.unconnected > 0 && (
        <li title="No meter of this network counts it here">
          <StateSwatch state="unconnected" />
          {stateWords('unconnected')} <b>{counts.unconnected}</b>
        </li>
      )}
    </ul>
  );
}
