// The slider's thumb, a range input that steps through intervals, and the bubble over the pointer.

import type { JSX } from 'preact';
import { useRef } from 'preact/hooks';
import { map } from '../state/data.ts';
import { timeFormat } from '../state/formats.ts';
import { shownStart } from '../state/view.ts';
import { intervalMs } from './interval-ms.ts';
import { showAt, stepDays, stepIntervals, type TimeBounds } from './step-time.ts';
import { clampToRange, intervalCount, type TimeRange } from './time-range.ts';

export function Thumb(props: {
  range: TimeRange;
  bounds: TimeBounds;
  wanted: number;
  status: string;
  onGo: (start: number | undefined) => void;
  onHover: (seconds: number | undefined) => void;
}): JSX.Element {
  const { range, bounds, wanted } = props;
  const input = useRef<HTMLInputElement>(null);
  const format = timeFormat.value;
  const count = intervalCount(range, bounds.intervalSeconds);
  const index = Math.round((wanted - range.fromSeconds) / bounds.intervalSeconds);
  const [start, end] = intervalMs(wanted);
  const timeZone = map.value?.timeZone ?? 'UTC';
  // Refused steps leave the signal as it is, and then nothing draws the input again.
  const settle = (): void => {
    if (input.current !== null) input.current.value = String(index);
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    const now = shownStart.peek();
    const steps: Readonly<Record<string, () => number | undefined>> = {
      ArrowLeft: () => stepIntervals(now, -1, bounds),
      ArrowDown: () => stepIntervals(now, -1, bounds),
      ArrowRight: () => stepIntervals(now, 1, bounds),
      ArrowUp: () => stepIntervals(now, 1, bounds),
      PageUp: () => stepDays(now, 1, bounds, timeZone),
      PageDown: () => stepDays(now, -1, bounds, timeZone),
      Home: () => Math.max(range.fromSeconds, bounds.firstSeconds),
      End: () => undefined,
    };
    const step = steps[event.key];
    if (step === undefined || event.ctrlKey || event.altKey || event.metaKey) return;
    event.preventDefault();
    event.stopPropagation();
    props.onGo(step());
  };
  return (
    <input
      ref={input}
      class="time-slider-thumb"
      type="range"
      min={0}
      max={count - 1}
      step={1}
      value={index}
      style={{ '--steps': String(count) }}
      aria-label="Shown interval"
      aria-valuetext={`${format.intervalLocal(start, end)}, ${format.day(start)}, ${format.intervalUtc(start, end)}${props.status === '' ? '' : `, ${props.status}`}${shownStart.value === undefined ? ', live' : ''}`}
      onInput={(event) => {
        const at = range.fromSeconds + Number(event.currentTarget.value) * bounds.intervalSeconds;
        props.onGo(showAt(at, bounds));
        settle();
      }}
      onKeyDown={onKeyDown}
      onPointerMove={(event) => {
        const box = event.currentTarget.parentElement?.getBoundingClientRect();
        if (box === undefined || event.pointerType === 'touch') return;
        const share = (event.clientX - box.left) / box.width;
        const at = range.fromSeconds + share * (range.untilSeconds - range.fromSeconds);
        props.onHover(clampToRange(at, range, bounds.intervalSeconds));
      }}
    />
  );
}

export function Bubble(props: {
  range: TimeRange;
  atSeconds: number;
  status: string;
}): JSX.Element {
  const { range, atSeconds } = props;
  const format = timeFormat.value;
  const [start, end] = intervalMs(atSeconds);
  const share = (atSeconds - range.fromSeconds) / (range.untilSeconds - range.fromSeconds);
  return (
    <div class="time-slider-bubble" aria-hidden="true" style={{ '--at': share.toFixed(4) }}>
      <strong>{format.intervalLocal(start, end)}</strong>
      <span>
        {format.intervalUtc(start, end)}
        {props.status === '' ? '' : ` · ${props.status}`}
      </span>
    </div>
  );
}
