// The slider's track and its ticks: states by shape as well as shade.

import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { map } from '../state/data.ts';
import { timeFormat } from '../state/formats.ts';
import { rangePreset } from './shown-range.ts';
import { hoursPerTick, type TimeRange, timeTicks } from './time-range.ts';
import type { TrackPiece } from './track.ts';

const HEIGHT = 10;
/** Where a piece stands in the track: a gap is a thin line at the bottom, a part is half as high. */
const SHAPES: Readonly<Record<TrackPiece['state'], readonly [top: number, height: number]>> = {
  published: [0, HEIGHT],
  partial: [4, 6],
  gap: [8, 2],
  unknown: [0, HEIGHT],
  before: [4.5, 1],
  ahead: [4.5, 1],
};

export function Track(props: { range: TimeRange; pieces: readonly TrackPiece[] }): JSX.Element {
  const { range, pieces } = props;
  const width = range.untilSeconds - range.fromSeconds;
  return (
    <svg
      class="time-slider-track"
      viewBox={`0 0 ${width} ${HEIGHT}`}
      preserveAspectRatio="none"
      aria-hidden="true"
    >
      {pieces.map((piece) => {
        const [top, height] = SHAPES[piece.state];
        return (
          <rect
            key={piece.fromSeconds}
            data-state={piece.state}
            x={piece.fromSeconds - range.fromSeconds}
            y={top}
            width={piece.untilSeconds - piece.fromSeconds}
            height={height}
          />
        );
      })}
    </svg>
  );
}

export function Ticks(props: { range: TimeRange }): JSX.Element {
  const { range } = props;
  const [box, widthPx] = useWidth();
  const format = timeFormat.value;
  const preset = rangePreset.value;
  const width = range.untilSeconds - range.fromSeconds;
  const ticks = timeTicks(range, hoursPerTick(preset, widthPx), map.value?.timeZone ?? 'UTC');
  return (
    <div class="time-slider-ticks" ref={box} aria-hidden="true">
      {ticks.map((tick) => (
        <span
          key={tick.atSeconds}
          data-day={tick.isDay}
          style={{ '--at': ((tick.atSeconds - range.fromSeconds) / width).toFixed(5) }}
        >
          {preset === 'week' && tick.isDay
            ? shortDay(format.day(tick.atSeconds * 1000))
            : format.clock(tick.atSeconds * 1000)}
        </span>
      ))}
    </div>
  );
}

/** `Sat, 21 Nov 2026` as `Sat, 21 Nov`: the year is beside the slider. */
function shortDay(day: string): string {
  return day.replace(/[\s,.]*\d{4}\s*$/, '');
}

function useWidth(): [box: { current: HTMLDivElement | null }, widthPx: number] {
  const box = useRef<HTMLDivElement>(null);
  const [widthPx, setWidth] = useState(360);
  useEffect(() => {
    if (box.current === null) return;
    const observer = new ResizeObserver(([entry]) => {
      if (entry !== undefined) setWidth(entry.contentRect.width);
    });
    observer.observe(box.current);
    return () => observer.disconnect();
  }, []);
  return [box, widthPx];
}
