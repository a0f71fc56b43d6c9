// Messages that have to stand in their streams: sent again until they are acknowledged, or the node
// stops. All of them may stand there already: the sender sends what may stand twice, or first-wins.

import { isBusError } from '../bus/errors.ts';
import type { AppendOutcome, Bus, BusMessage } from '../bus/port.ts';

/** Real time between two attempts. */
const RESEND_DELAY_MS = 100;

export interface SureSender {
  readonly bus: Bus;
  readonly isStopped: () => boolean;
}

/** What became of each; one that failed for good, or was given up by the stop, says so. */
export async function appendSurely(
  { bus, isStopped }: SureSender,
  messages: readonly BusMessage[],
): Promise<readonly AppendOutcome[]> {
  const outcomes = [...(await bus.appendAll(messages))];
  for (;;) {
    const again = [...outcomes.keys()].filter((index) => isUnacknowledged(outcomes[index]));
    if (again.length === 0 || isStopped()) return outcomes;
    await new Promise((resolve) => setTimeout(resolve, RESEND_DELAY_MS));
    const retried = await bus.appendAll(again.map((index) => messages[index] as BusMessage));
    for (const [position, index] of again.entries())
      outcomes[index] = retried[position] as AppendOutcome;
  }
}

/** Errors that pass: the server is away or has no leader for a moment. */
function isUnacknowledged(outcome: AppendOutcome | undefined): boolean {
  return (
    outcome?.kind === 'failed' &&
    (['timeout', 'unavailable', 'no-stream'] as const).some((code) =>
      isBusError(outcome.error, code),
    )
  );
}
