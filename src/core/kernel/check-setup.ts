// What an intake is opened with, held to what the kernels take for granted.

import type { IntakeSetup } from './kernel.ts';

/**
 * A slot's words stand side by side, `channelCount` of them: one that declared a channel beyond would
 * write into those of the next slot.
 *
 * @throws RangeError
 */
export function checkSetup({
  sets,
  channelCount,
}: Pick<IntakeSetup, 'sets' | 'channelCount'>): void {
  let all = 0;
  for (let slot = 0; slot < sets.length; slot++) all |= sets[slot] as number;
  if (all >>> channelCount !== 0)
    throw new RangeError(
      `sets: expected channels below ${channelCount}, found 0b${all.toString(2)}`,
    );
}
