// What the slider's track shows of each stretch of time: figures, none, in part, or still to come.

import type { RowStatus } from '../../../src/map/frame.ts';
import type { TimeBounds } from './step-time.ts';
import type { TimeRange } from './time-range.ts';

export type TrackState = 'published' | 'partial' | 'gap' | 'unknown' | 'before' | 'ahead';

export interface TrackPiece {
  readonly state: TrackState;
  readonly fromSeconds: number;
  readonly untilSeconds: number;
}

/** What is known of one row's intervals. */
export interface StatusColumn {
  readonly fromSeconds: number;
  readonly status: readonly (RowStatus | null)[];
}

/** Pieces that cover the range, neighbours of one state joined. What lies outside of `known` is no gap. */
export function trackPieces(
  range: TimeRange,
  column: StatusColumn | undefined,
  known: Pick<TimeBounds, 'firstSeconds' | 'newestSeconds'>,
  intervalSeconds: number,
): TrackPiece[] {
  const pieces: TrackPiece[] = [];
  for (let at = range.fromSeconds; at < range.untilSeconds; at += intervalSeconds) {
    const state = stateAt(at, column, known, intervalSeconds);
    const last = pieces.at(-1);
    if (last?.state === state)
      pieces[pieces.length - 1] = { ...last, untilSeconds: at + intervalSeconds };
    else pieces.push({ state, fromSeconds: at, untilSeconds: at + intervalSeconds });
  }
  return pieces;
}

export function countState(
  pieces: readonly TrackPiece[],
  state: TrackState,
  intervalSeconds: number,
): number {
  let count = 0;
  for (const piece of pieces)
    if (piece.state === state) count += (piece.untilSeconds - piece.fromSeconds) / intervalSeconds;
  return count;
}

function stateAt(
  atSeconds: number,
  column: StatusColumn | undefined,
  known: Pick<TimeBounds, 'firstSeconds' | 'newestSeconds'>,
  intervalSeconds: number,
): TrackState {
  if (atSeconds > known.newestSeconds) return 'ahead';
  if (atSeconds < known.firstSeconds) return 'before';
  if (column === undefined) return 'unknown';
  const status = column.status[(atSeconds - column.fromSeconds) / intervalSeconds];
  if (status === undefined) return 'unknown';
  if (status === 'published' || status === 'partial') return status;
  return 'gap';
}
