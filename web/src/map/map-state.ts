// What of the map is neither the view nor the data: where it is zoomed to, and a tooltip sent away.

import { type Signal, signal } from '@preact/signals';
import { type ZoomTransform, zoomIdentity } from 'd3-zoom';

export const zoomTransform: Signal<ZoomTransform> = signal(zoomIdentity);
/** The row whose tooltip the reader has closed: it stays away until another row is pointed at. */
export const dismissedRow: Signal<string | undefined> = signal(undefined);
/** What the row was pointed at with: a pointer's tooltip closes first, then Escape goes up. */
export const pointedWith: Signal<'pointer' | 'keyboard' | 'table'> = signal('pointer');
