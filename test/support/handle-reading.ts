// One message of a street's frames, as it comes from the bus: by itself.

import { parseAreaId } from '../../src/core/area.ts';
import { readingSubject } from '../../src/core/subjects.ts';
import type { AggregatorState } from '../../src/roles/aggregator.ts';
import { handleReadings, type ReadingOutcome } from '../../src/roles/aggregator-intake.ts';

/** What is no area is no reading's subject either. */
export function handleReading(
  state: AggregatorState,
  area: string,
  data: Uint8Array,
  atSeconds: number,
): ReadingOutcome {
  const id = parseAreaId(area);
  const subject = id === undefined ? area : readingSubject(id);
  return handleReadings(state, [{ subject, data, atSeconds }]);
}
