// What the track shows by shape and shade, in words.

import type { JSX } from 'preact';
import { intervalCount, type TimeRange } from './time-range.ts';
import { countState, type TrackPiece } from './track.ts';

export function TrackWords(props: {
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
