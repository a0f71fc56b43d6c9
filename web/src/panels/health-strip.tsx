// The last day, interval by interval: a bar as high as the time it took, and a shape for what was wrong.

import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { HealthDocument } from '../../../src/server/wire.ts';
import { map } from '../state/data.ts';
import { timeFormat } from '../state/formats.ts';
import { showTime } from '../state/navigate.ts';
import { healthStrip, type StripItem, type StripState } from './health-summary.ts';
import { plural } from './plural.ts';

const STATES: Readonly<Record<StripState, string>> = {
  'on-time': 'on time',
  withheld: 'on time, with cells withheld',
  disputed: 'disputed by a trustee or the auditor',
  late: 'late',
  waiting: 'not due yet',
  missing: 'missing',
};
const STATE_ORDER = Object.keys(STATES) as StripState[];
const HEIGHT = 40;

export function HealthStrip(props: { health: HealthDocument }): JSX.Element | null {
  const about = map.value;
  const [pointed, setPointed] = useState<number | undefined>(undefined);
  if (about === undefined) return null;
  const within = about.publishWithinSeconds;
  const items = healthStrip(props.health, within, about.intervalSeconds);
  if (items.length === 0) return null;
  // A service that has just begun has few intervals: they stand at the right end of a day.
  const slots = Math.max(items.length, Math.round(86_400 / about.intervalSeconds));
  const firstSlot = slots - items.length;
  const counts = STATE_ORDER.map(
    (state) => [state, items.filter((item) => item.state === state).length] as const,
  ).filter(([, count]) => count > 0);
  const focused = items[Math.min(pointed ?? items.length - 1, items.length - 1)];
  const onKeyDown = (event: KeyboardEvent): void => {
    const steps: Readonly<Record<string, number>> = { ArrowLeft: -1, ArrowRight: 1 };
    const step = steps[event.key];
    if (step === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    const from = pointed ?? items.length - 1;
    setPointed(Math.min(Math.max(from + step, 0), items.length - 1));
  };
  return (
    <section class="health-strip" aria-labelledby="health-strip-title">
      <h3 id="health-strip-title">The last {plural(items.length, 'interval')}</h3>
      <ul class="health-key">
        {counts.map(([state, count]) => (
          <li key={state}>
            <svg viewBox="0 8 10 32" width="8" height="24" aria-hidden="true">
              <Bar item={{ state, publishedAfterSeconds: null }} x={0} within={within} />
            </svg>
            {count} {STATES[state]}
          </li>
        ))}
      </ul>
      <div
        class="health-bars"
        role="slider"
        tabIndex={0}
        aria-label="Interval of the strip"
        aria-valuemin={1}
        aria-valuemax={items.length}
        aria-valuenow={(pointed ?? items.length - 1) + 1}
        aria-valuetext={focused === undefined ? '' : itemWords(focused)}
        onKeyDown={onKeyDown}
        onPointerMove={(event) => {
          const box = event.currentTarget.getBoundingClientRect();
          const share = (event.clientX - box.left) / box.width;
          const index = Math.floor(share * slots) - firstSlot;
          setPointed(Math.min(Math.max(index, 0), items.length - 1));
        }}
      >
        <svg viewBox={`0 0 ${slots * 10} ${HEIGHT}`} preserveAspectRatio="none" aria-hidden="true">
          {items.map((item, i) => (
            <Bar key={item.startSeconds} item={item} x={(firstSlot + i) * 10} within={within} />
          ))}
          {pointed !== undefined && (
            <rect
              class="health-pointed"
              x={(firstSlot + pointed) * 10}
              y={0}
              width={10}
              height={HEIGHT}
            />
          )}
        </svg>
      </div>
      {focused !== undefined && (
        <p class="health-focused">
          {itemWords(focused)}{' '}
          <button type="button" class="link-button" onClick={() => showTime(focused.startSeconds)}>
            show this time
          </button>
        </p>
      )}
    </section>
  );
}

/** Late bars are tall and stand out of the row, missing ones are hollow, disputed ones carry a point, those with cells withheld a lid. */
function Bar(props: {
  item: Pick<StripItem, 'state' | 'publishedAfterSeconds'>;
  x: number;
  within: number;
}): JSX.Element {
  const { item, x } = props;
  const base = HEIGHT - 2;
  if (item.state === 'missing')
    return <rect data-state="missing" x={x + 2} y={4} width={6} height={base - 4} />;
  if (item.state === 'waiting')
    return <rect data-state="waiting" x={x + 1} y={base - 3} width={8} height={3} />;
  const share = (item.publishedAfterSeconds ?? props.within * 0.7) / props.within;
  const height = item.state === 'late' ? base - 2 : Math.min(Math.max(share * 20, 6), 20);
  return (
    <g data-state={item.state}>
      <rect x={x + 1} y={base - height} width={8} height={height} />
      {item.state === 'disputed' && <path d={`M${x + 1} ${base - height - 3}h8l-4 -8z`} />}
      {item.state === 'withheld' && <rect x={x + 1} y={base - height - 5} width={8} height={2.5} />}
    </g>
  );
}

function itemWords(item: StripItem): string {
  const format = timeFormat.value;
  const start = item.startSeconds * 1000;
  const end = start + (map.value?.intervalSeconds ?? 900) * 1000;
  const parts = [
    `${format.intervalLocal(start, end)} (${format.intervalUtc(start, end)})`,
    item.publishedAfterSeconds === null
      ? STATES[item.state]
      : `published ${Math.round(item.publishedAfterSeconds)} s after its end${item.state === 'late' ? ', late' : ''}`,
  ];
  if (item.withheldCount > 0) parts.push(`${plural(item.withheldCount, 'cell')} withheld`);
  if (item.findingCount > 0) parts.push(`${plural(item.findingCount, 'finding')} of the auditor`);
  return `${parts.join(', ')}.`;
}
