// What is looked at, as signals. The URL is made of it and read into it (url.ts); everything else on
// the page follows from these and from what the server says.

import { signal } from '@preact/signals';
import type { Metric } from '../../../src/map/metric.ts';

/** Power per meter, per square kilometre, or as it is. */
export type Scale = 'meter' | 'km2' | 'abs';
export type Panel = 'map' | 'privacy' | 'health';

/** The focused area's id, with slashes. Empty until the map document is here. */
export const focusedArea = signal<string>('');
export const metric = signal<Metric>('consumption');
export const scale = signal<Scale>('meter');
/** Unix seconds of the interval's start; undefined follows the newest. */
export const shownStart = signal<number | undefined>(undefined);
export const panel = signal<Panel>('map');
/** Id of the row under the pointer or the keyboard's focus, in map and table alike. */
export const hoveredRow = signal<string | undefined>(undefined);
