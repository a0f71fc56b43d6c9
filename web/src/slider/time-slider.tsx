// The time slider: the shown day or week in steps of one interval, with what is known of each.

import './time-slider.css';
import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { indexAt } from '../charts/chart-data.ts';
import { useFocusSeries } from '../charts/series-store.ts';
import { frameStart, map } from '../state/data.ts';
import { timeFormat } from '../state/formats.ts';
import { showTime } from '../state/navigate.ts';
import { shownStart } from '../state/view.ts';
import { intervalMs } from './interval-ms.ts';
import { isPlaying, stopPlaying, togglePlay } from './player.ts';
import { RangePresets } from './range-presets.tsx';
import { shownRange, timeBounds, wantedStart } from './shown-range.ts';
import { stepDays } from './step-time.ts';
import { Bubble, Thumb } from './thumb.tsx';
import { trackPieces } from './track.ts';
import { Ticks, Track } from './track-drawing.tsx';
import { TrackWords } from './track-words.tsx';

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

function PlayIcon(props: { isPlaying: boolean }): JSX.Element {
  return (
    <svg viewBox="0 0 16 16" width="16" height="16" aria-hidden="true">
      <path d={props.isPlaying ? 'M4 2h3v12H4zM9 2h3v12H9z' : 'M4 2l10 6-10 6z'} />
    </svg>
  );
}
