// The level as a table, ranked: every row of the map, also the blank ones with why they are. Pointing
// at a row points at its cell, and the other way round.

import './rows-table.css';
import { type Signal, signal, useSignalEffect } from '@preact/signals';
import { type ComponentChild, Fragment, type JSX } from 'preact';
import { useMemo, useRef } from 'preact/hooks';
import type { Metric } from '../../../src/map/metric.ts';
import { memo } from '../layout/memo.ts';
import { StateSwatch } from '../legend/state-swatch.tsx';
import { dismissedRow, pointedWith } from '../map/map-state.ts';
import type { Cell } from '../state/cells.ts';
import { energyFormat } from '../state/formats.ts';
import { type Level, level, palette } from '../state/level.ts';
import { openCell } from '../state/steps.ts';
import { hoveredRow, metric, type Scale, scale } from '../state/view.ts';
import { METRIC_WORDS, stateSentence, stateWords, valueText } from '../state/words.ts';
import { type Sorting, type SortKey, sortCells } from './sort-cells.ts';

const sorting: Signal<Sorting> = signal({ key: 'value', isDescending: true });
const collator = new Intl.Collator(undefined, { numeric: true, sensitivity: 'base' });

/** More rows than this wait for a word from the reader: nobody reads a thousand at once. */
const FIRST_ROWS = 250;
const isAllShown: Signal<string | undefined> = signal(undefined);

export function RowsTable(): JSX.Element | null {
  const known = level.value;
  const scroller = useRef<HTMLDivElement>(null);
  useFollowing(scroller);
  const sorted = useMemo(
    () =>
      known === undefined ? [] : sortCells(known.cells, sorting.value, metric.value, collator),
    [known, sorting.value],
  );
  if (known === undefined || known.cells.length === 0) return null;
  const isCut = sorted.length > FIRST_ROWS && isAllShown.value !== known.area.id;
  return (
    <section class="panel rows" aria-label="Table">
      <div class="rows-scroller" ref={scroller} tabindex={-1}>
        <table onPointerLeave={() => point(undefined)}>
          <caption class="visually-hidden">
            {known.area.name} by {known.area.childLevel}, {METRIC_WORDS[metric.value].label}
          </caption>
          <Head metric={metric.value} scale={scale.value} sorting={sorting.value} level={known} />
          <Body
            cells={isCut ? sorted.slice(0, FIRST_ROWS) : sorted}
            known={known}
            palette={palette.value}
          />
        </table>
        {isCut && (
          <p class="rows-more">
            <button
              type="button"
              class="button"
              onClick={() => {
                isAllShown.value = known.area.id;
              }}
            >
              Show all {energyFormat.count(sorted.length)} rows
            </button>
          </p>
        )}
      </div>
    </section>
  );
}

interface HeadProps {
  readonly metric: Metric;
  readonly scale: Scale;
  readonly sorting: Sorting;
  readonly level: Level;
}

const VALUE_UNITS: Readonly<Record<Scale, string>> = {
  meter: 'W / meter',
  km2: 'W / km²',
  abs: 'W',
};

function Head({ metric: shown, scale: by, sorting: order, level: known }: HeadProps): JSX.Element {
  const isShare = shown === 'coverage';
  const columns: readonly (readonly [SortKey, string, string])[] = [
    ['name', known.area.childLevel ?? 'area', ''],
    ['value', METRIC_WORDS[shown].label, isShare ? '% of meters' : VALUE_UNITS[by]],
    ['energy', isShare ? 'Consumption' : 'Energy', 'Wh'],
    ['meters', 'Meters', ''],
    ['coverage', 'Coverage', '%'],
  ];
  return (
    <thead>
      <tr>
        {columns.map(([key, label, unit]) => (
          <th
            key={key}
            scope="col"
            class={`column-${key}`}
            aria-sort={order.key !== key ? 'none' : order.isDescending ? 'descending' : 'ascending'}
          >
            <button type="button" onClick={() => sortBy(key)}>
              <span class="sort-label">{label}</span>
              {unit !== '' && <small class="rows-unit">{unit}</small>}
            </button>
          </th>
        ))}
      </tr>
    </thead>
  );
}

function sortBy(key: SortKey): void {
  const { key: before, isDescending } = sorting.peek();
  sorting.value = { key, isDescending: key === before ? !isDescending : key !== 'name' };
}

interface BodyProps {
  readonly cells: readonly Cell[];
  readonly known: Level;
  readonly palette: readonly string[];
}

const Body: (props: BodyProps) => JSX.Element = memo(({ cells, known, palette: colours }) => (
  <tbody onPointerOver={onPointer} onFocusIn={onPointer} onFocusOut={() => point(undefined)}>
    {cells.map((cell) => (
      <tr key={cell.id} data-row={cell.id} class={`is-${cell.state}`}>
        <th scope="row">
          <span class="row-head">
            <StateSwatch
              state={cell.state}
              colour={cell.classIndex === undefined ? undefined : colours[cell.classIndex]}
            />
            <button type="button" class="row-name" onClick={() => openCell(cell)}>
              {breakable(cell.name)}
            </button>
          </span>
        </th>
        {figures(cell, known)}
      </tr>
    ))}
  </tbody>
));

/** Names in two languages have no space between them: "Cataluña/Catalunya". */
function breakable(name: string): ComponentChild {
  return name.split(/(?<=\/)/u).map((part, i) => (
    <Fragment key={part}>
      {i > 0 && <wbr />}
      {part}
    </Fragment>
  ));
}

function figures(cell: Cell, known: Level): ComponentChild {
  const { row } = cell;
  const shown = metric.peek();
  if (cell.value === null || row === undefined) {
    const why = stateSentence(cell, shown);
    return (
      <td colSpan={4} class="why" title={why}>
        <b>{stateWords(cell.state)}</b> {why}
      </td>
    );
  }
  const energyWh = shown === 'coverage' ? row.energyWh.consumption : row.energyWh[shown];
  const isSigned = shown === 'net';
  return (
    <>
      <td class="value">
        {shown === 'coverage'
          ? energyFormat.share(cell.value)
          : energyFormat.power(cell.value, { isSigned })}
        <span class="visually-hidden">{` ${valueText(cell, shown, known.classes, energyFormat)}`}</span>
      </td>
      <td class="column-energy">{energyFormat.energy(energyWh, { isSigned })}</td>
      <td class="column-meters">{energyFormat.count(row.meterCount)}</td>
      <td class="column-coverage" title={stateSentence(cell, shown)}>
        {energyFormat.share(row.coverage)}
      </td>
    </>
  );
}

function onPointer(event: Event): void {
  const target = event.target instanceof Element ? event.target.closest('tr') : null;
  point(target?.dataset.row);
}

function point(id: string | undefined): void {
  if (id === undefined && pointedWith.peek() !== 'table') return;
  pointedWith.value = 'table';
  dismissedRow.value = undefined;
  hoveredRow.value = id;
}

/** Marks the pointed row, and brings it into sight where the map pointed at it. */
function useFollowing(scroller: { current: HTMLDivElement | null }): void {
  const marked = useRef<Element>(undefined);
  useSignalEffect(() => {
    const id = hoveredRow.value;
    void level.value;
    marked.current?.classList.remove('is-pointed');
    marked.current = undefined;
    if (id === undefined) return;
    const row = scroller.current?.querySelector(`tr[data-row="${CSS.escape(id)}"]`);
    if (row === null || row === undefined) return;
    row.classList.add('is-pointed');
    marked.current = row;
    if (pointedWith.peek() !== 'table') bringIntoSight(scroller.current as HTMLElement, row);
  });
}

/** Scrolls the table alone: `scrollIntoView` would move a narrow page as well. */
function bringIntoSight(scroller: HTMLElement, row: Element): void {
  const frame = scroller.getBoundingClientRect();
  const head = scroller.querySelector('thead')?.getBoundingClientRect().height ?? 0;
  const box = row.getBoundingClientRect();
  if (box.top < frame.top + head) scroller.scrollTop += box.top - frame.top - head;
  else if (box.bottom > frame.bottom) scroller.scrollTop += box.bottom - frame.bottom;
}
