// The time slider: the shown day or week in steps of one interval, with what is known of each.

import './time-slider.css';
import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { indexAt } from '../charts/chart-data.ts';
import { useFocusSeries } from '../charts/series-store.ts';
import { frameStart, map } from '../state/data.ts';
import { timeFormat } from '../state/formats.ts';
import { showTime } from '../state/navigate.ts';
import { shownStart } from '../state/view.ts';
import { isPlaying, stopPlaying, togglePlay } from './player.ts';
import { RangePresets } from './range-presets.tsx';
import { shownRange, timeBounds, wantedStart } from './shown-range.ts';
import { showAt, stepDays, stepIntervals, type TimeBounds } from './step-time.ts';
import { clampToRange, intervalCount, type TimeRange } from './time-range.ts';
import { countState, type TrackPiece, trackPieces } from './track.ts';
import { Ticks, Track } from './track-drawing.tsx';

const STATUS_WORDS: Readonly<Record<string, string>> = {
  published: 'published',
  partial: 'in part',
  withheld: 'withheld',
  late: 'late or missing',
  'not-connected': 'not connected',
};

export function TimeSlider(): JSX.Element | null {
  const series = useFocusSeries();
  const [hoveredSeconds, setHovered] = useState<number | undefined>(undefined);
  useEffect(() => stopPlaying, []);
  const about = map.value;
  const range = shownRange.value;
  const bounds = timeBounds.value;
  const wanted = wantedStart.value;
  if (about === undefined || range === undefined || bounds === undefined || wanted === undefined)
    return null;

  const { intervalSeconds, timeZone } = about;
  const column =
    series.current === undefined
      ? undefined
      : { fromSeconds: Date.parse(series.current.from) / 1000, status: series.current.status };
  const pieces = trackPieces(range, column, bounds, intervalSeconds);
  const isLive = shownStart.value === undefined;
  const go = (start: number | undefined): void => {
    stopPlaying();
    showTime(start);
  };
  const statusOf = (start: number): string => {
    if (start > bounds.newestSeconds) return 'still to come';
    const index = indexAt(series.current, start);
    if (index === undefined) return '';
    return STATUS_WORDS[series.current?.status[index] ?? 'late'] ?? '';
  };

  return (
    <section class="panel time-slider" aria-label="Time">
      <div class="time-slider-bar">
        <button
          type="button"
          class="button time-slider-play"
          aria-label={isPlaying.value ? 'Pause' : 'Play'}
          onClick={togglePlay}
        >
          <PlayIcon isPlaying={isPlaying.value} />
        </button>
        <ShownTime wanted={wanted} isWaiting={frameStart.value !== wanted} />
        <div class="time-slider-days">
          <button
            type="button"
            class="button"
            aria-label="A day earlier"
            disabled={wanted <= bounds.firstSeconds}
            onClick={() => go(stepDays(shownStart.value, -1, bounds, timeZone))}
          >
            <span aria-hidden="true">‹</span> day
          </button>
          <button
            type="button"
            class="button"
            aria-label="A day later"
            disabled={isLive}
            onClick={() => go(stepDays(shownStart.value, 1, bounds, timeZone))}
          >
            day <span aria-hidden="true">›</span>
          </button>
        </div>
        <RangePresets />
        <button
          type="button"
          class="button time-slider-live"
          aria-pressed={isLive}
          onClick={() => go(isLive ? bounds.newestSeconds : undefined)}
        >
          <span class="time-slider-pin" aria-hidden="true" /> Live
        </button>
      </div>
      <div class="time-slider-field" onPointerLeave={() => setHovered(undefined)}>
        <Track range={range} pieces={pieces} />
        <Thumb
          range={range}
          bounds={bounds}
          wanted={wanted}
          status={statusOf(wanted)}
          onGo={go}
          onHover={setHovered}
        />
        {hoveredSeconds !== undefined && (
          <Bubble range={range} atSeconds={hoveredSeconds} status={statusOf(hoveredSeconds)} />
        )}
      </div>
      <Ticks range={range} />
      <TrackWords pieces={pieces} intervalSeconds={intervalSeconds} range={range} />
    </section>
  );
}

function ShownTime(props: { wanted: number; isWaiting: boolean }): JSX.Element {
  const format = timeFormat.value;
  const [start, end] = intervalMs(props.wanted);
  return (
    <p class="time-slider-shown" title={format.intervalUtc(start, end)}>
      <strong>{format.intervalLocal(start, end)}</strong>{' '}
      <span>
        {format.day(start)} · {format.intervalUtc(start, end)}
      </span>
      {props.isWaiting && <em> · loading</em>}
    </p>
  );
}

function Thumb(props: {
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

function Bubble(props: { range: TimeRange; atSeconds: number; status: string }): JSX.Element {
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

/** What the track shows by shape and shade, in words. */
function TrackWords(props: {
  pieces: readonly TrackPiece[];
  intervalSeconds: number;
  range: TimeRange;
}): JSX.Element {
  const { pieces, intervalSeconds } = props;
  const count = intervalCount(props.range, intervalSeconds);
  const gaps = countState(pieces, 'gap', intervalSeconds);
  const partial = countState(pieces, 'partial', intervalSeconds);
  const ahead = countState(pieces, 'ahead', intervalSeconds);
  const before = countState(pieces, 'before', intervalSeconds);
  return (
    <p class="time-slider-words">
      <span>{count} intervals</span>
      {partial > 0 && (
        <span class="time-slider-key" data-state="partial">
          {partial} in part
        </span>
      )}
      {gaps > 0 && (
        <span class="time-slider-key" data-state="gap">
          {gaps} without figures
        </span>
      )}
      {before > 0 && (
        <span class="time-slider-key" data-state="before">
          {before} before the first figures
        </span>
      )}
      {ahead > 0 && (
        <span class="time-slider-key" data-state="ahead">
          {ahead} to come
        </span>
      )}
    </p>
  );
}

function PlayIcon(props: { isPlaying: boolean }): JSX.Element {
  return (
    <svg viewBox="0 0 16 16" width="16" height="16" aria-hidden="true">
      <path d={props.isPlaying ? 'M4 2h3v12H4zM9 2h3v12H9z' : 'M4 2l10 6-10 6z'} />
    </svg>
  );
}

function intervalMs(startSeconds: number): [number, number] {
  const length = map.value?.intervalSeconds ?? 900;
  return [startSeconds * 1000, (startSeconds + length) * 1000];
}
