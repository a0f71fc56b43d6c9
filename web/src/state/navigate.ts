// Every way of changing what is looked at, and its address. A new area or panel is a step that Back
// undoes; a metric, a scale or a moment is part of the step.

import { batch, type Signal, signal } from '@preact/signals';
import type { Metric } from '../../../src/map/metric.ts';
import { formatViewAddress, parseViewAddress, type ViewAddress } from './url.ts';
import {
  focusedArea,
  hoveredRow,
  metric,
  type Panel,
  panel,
  type Scale,
  scale,
  shownStart,
} from './view.ts';

export type Direction = 'in' | 'up' | 'jump';

/**
 * Which way the last step went. A level with one child is no choice, so a step in or up goes on
 * through it; a link that was opened stays where it says.
 */
export const direction: Signal<Direction> = signal('jump');

export function openArea(id: string, way: Direction = 'jump'): void {
  if (id === focusedArea.peek() && panel.peek() !== 'privacy') return;
  batch(() => {
    direction.value = way;
    focusedArea.value = id;
    hoveredRow.value = undefined;
  });
  writeAddress('push');
}

/** Goes on to `id` as part of the step that led here: Back does not stop in between. */
export function passThroughTo(id: string): void {
  focusedArea.value = id;
  writeAddress('replace');
  flushReplace();
}

export function showMetric(next: Metric): void {
  metric.value = next;
  writeAddress('replace');
}

export function showScale(next: Scale): void {
  scale.value = next;
  writeAddress('replace');
}

/** `undefined` follows the newest interval. */
export function showTime(start: number | undefined): void {
  shownStart.value = start;
  writeAddress('replace');
}

export function showPanel(next: Panel): void {
  if (next === panel.peek()) return;
  panel.value = next;
  writeAddress('push');
}

/** The address of an area in this view, for links that open in a new tab as well. */
export function areaHref(id: string): string {
  return formatViewAddress({ ...currentView(), area: id });
}

export function startNavigation(): void {
  readAddress();
  addEventListener('popstate', () => readAddress());
}

function currentView(): ViewAddress {
  return {
    area: focusedArea.peek(),
    metric: metric.peek(),
    scale: scale.peek(),
    start: shownStart.peek(),
    panel: panel.peek(),
  };
}

function readAddress(): void {
  // What was still to be written belonged to the step that was left.
  clearTimeout(replaceTimer);
  replaceTimer = undefined;
  pendingAddress = undefined;
  const view = parseViewAddress(location.pathname, location.search);
  batch(() => {
    direction.value = 'jump';
    hoveredRow.value = undefined;
    focusedArea.value = view.area;
    metric.value = view.metric;
    scale.value = view.scale;
    shownStart.value = view.start;
    panel.value = view.panel;
  });
}

function writeAddress(how: 'push' | 'replace'): void {
  const address = formatViewAddress(currentView());
  if (how === 'replace') {
    replaceSoon(address);
    return;
  }
  flushReplace();
  if (address !== location.pathname + location.search) history.pushState(null, '', address);
}

// Browsers refuse more than about 100 changes of the address in 30 s, which a playing slider makes.
const REPLACE_AFTER_MS = 350;
let replaceTimer: ReturnType<typeof setTimeout> | undefined;
let pendingAddress: string | undefined;

function replaceSoon(address: string): void {
  pendingAddress = address;
  replaceTimer ??= setTimeout(flushReplace, REPLACE_AFTER_MS);
}

function flushReplace(): void {
  clearTimeout(replaceTimer);
  replaceTimer = undefined;
  if (pendingAddress !== undefined) history.replaceState(null, '', pendingAddress);
  pendingAddress = undefined;
}
