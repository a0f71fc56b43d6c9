// What is looked at, as signals. The URL is made of it and read into it (url.ts); everything else on
// the page follows from these and from what the server says.

import { type Signal, signal } from '@preact/signals';
import type { Scale } from '../../../src/map/classes.ts';
import type { Metric } from '../../../src/map/metric.ts';

export type { Scale } from '../../../src/map/classes.ts';
export type Panel = 'map' | 'privacy' | 'health';

/** The focused area's id, with slashes. Empty until the map document is here. */
export const focusedArea: Signal<string> = signal('');
export const metric: Signal<Metric> = signal('consumption');
export const scale: Signal<Scale> = signal('meter');
/** Unix seconds of the interval's start; undefined follows the newest. */
export const shownStart: Signal<number | undefined> = signal(undefined);
export const panel: Signal<Panel> = signal('map');
/** Id of the row under the pointer or the keyboard's focus, in map and table alike. */
export const hoveredRow: Signal<string | undefined> = signal(undefined);
/** Id of the row that has the keyboard's focus on the map: its ring is drawn there. */
export const focusedRow: Signal<string | undefined> = signal(undefined);
