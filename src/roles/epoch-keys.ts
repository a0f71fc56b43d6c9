// Flat arrays of 32-byte keys that ratchet together, one epoch kept behind the current one for what
// is still late (design.md section 4, correction 21). Secret. A key that is no longer kept is
// overwritten with zeros here; the caller erases it from its store.

import type { Epoch } from '../core/interval.ts';
import type { Kernel } from '../core/kernel/kernel.ts';
import { PLAIN_KERNEL } from '../core/kernel/plain-kernel.ts';

export interface EpochKeys {
  epoch: Epoch;
  keys: Uint8Array;
  /** Keys of `epoch - 1`, until they are erased. */
  previous: Uint8Array | undefined;
}

/** The catch-up that a party does at most: hostile clocks must not spin it. */
export const MAX_ADVANCE_EPOCHS = 4000;

export function createEpochKeys(epoch: Epoch, keys: Uint8Array): EpochKeys {
  return { epoch, keys, previous: undefined };
}

/**
 * Moves to `epoch`, keeping the one before it. Going back is impossible and ignored. A key of zeros,
 * which stands for a slot whose key is not known here, stays one: anybody could compute its successor.
 */
export function advanceEpochKeys(
  state: EpochKeys,
  epoch: Epoch,
  kernel: Kernel = PLAIN_KERNEL,
): void {
  if (epoch - state.epoch > MAX_ADVANCE_EPOCHS) return;
  while (state.epoch < epoch) {
    const next = state.keys.slice();
    kernel.ratchetKeys(next);
    state.previous?.fill(0);
    state.previous = state.keys;
    state.keys = next;
    state.epoch = (state.epoch + 1) as Epoch;
  }
}

/** The keys of an epoch that is kept, or undefined. */
export function keysOfEpoch(state: EpochKeys, epoch: Epoch): Uint8Array | undefined {
  if (epoch === state.epoch) return state.keys;
  return epoch === state.epoch - 1 ? state.previous : undefined;
}

export function erasePreviousKeys(state: EpochKeys): void {
  state.previous?.fill(0);
  state.previous = undefined;
}

/** All of them: what is left is no key. */
export function eraseEpochKeys(state: EpochKeys): void {
  erasePreviousKeys(state);
  state.keys.fill(0);
}
