// What the server has said about what is looked at, as signals. Each keeps its last value until the
// next one is here, so nothing blinks; sync.ts fills them, nothing else writes them.

import { computed, type ReadonlySignal, type Signal, signal } from '@preact/signals';
import type { AreaDocument, FrameDocument, MapDocument } from '../../../src/server/wire.ts';
import type { ApiProblem } from '../api/problem.ts';

export { clockNowMs, clockTick } from './clock.ts';

/**
 * `live`: events arrive; `polling`: the page asks at times; `offline`: neither works. `connecting`
 * until the first of them is known.
 */
export type Connection = 'connecting' | 'live' | 'polling' | 'offline';

export const map: Signal<MapDocument | undefined> = signal(undefined);
/** The focused area. */
export const area: Signal<AreaDocument | undefined> = signal(undefined);
/** The focused area's figures in the interval that is shown; `frame.self` is its own row. */
export const frame: Signal<FrameDocument | undefined> = signal(undefined);
/** The area whose children the map draws: the focused one, or the parent of a focused leaf. */
export const stageArea: Signal<AreaDocument | undefined> = signal(undefined);
export const stageFrame: Signal<FrameDocument | undefined> = signal(undefined);
/** The newest interval that the page has heard of, Unix seconds of its start. */
export const latestStart: Signal<number | undefined> = signal(undefined);
/** Of the newest frame: when it was published; for the age that is always on screen. */
export const latestFrame: Signal<FrameDocument | undefined> = signal(undefined);
export const connection: Signal<Connection> = signal('connecting');
/** Why the focused area cannot be shown; undefined where it can. */
export const problem: Signal<ApiProblem | undefined> = signal(undefined);
/** Something that is shown is being replaced. */
export const isLoading: Signal<boolean> = signal(false);
/** Says once what an update has changed: the page's one polite live region. */
export const announcement: Signal<string> = signal('');

/** Start of the interval that is on screen, Unix seconds. */
export const frameStart: ReadonlySignal<number | undefined> = computed(() => {
  const start = frame.value?.start;
  return start === undefined ? undefined : Date.parse(start) / 1000;
});
