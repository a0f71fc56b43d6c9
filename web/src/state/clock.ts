// The network's clock as the page knows it: the server says what it shows and how fast it runs (the
// demo's runs faster than ours), and in between the page counts on by itself.

import { type Signal, signal } from '@preact/signals';
import type { ClockDocument } from '../../../src/server/wire.ts';

let networkMs = Date.now();
let heardAtMs = performance.now();
let speed = 1;

/** Grows every second: read it in a component that shows an age. */
export const clockTick: Signal<number> = signal(0);

export function setClock(clock: ClockDocument): void {
  networkMs = clock.nowMs;
  speed = clock.speed;
  heardAtMs = performance.now();
  clockTick.value++;
}

/** Unix milliseconds of the network's clock. */
export function clockNowMs(): number {
  return networkMs + (performance.now() - heardAtMs) * speed;
}

/** How much faster than ours the network's clock runs. */
export function clockSpeed(): number {
  return speed;
}

export function startClockTick(): Disposable {
  const timer = setInterval(() => {
    if (!document.hidden) clockTick.value++;
  }, 1000);
  return { [Symbol.dispose]: () => clearInterval(timer) };
}
