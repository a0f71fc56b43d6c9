// Which frames of the stream may be counted, as far as everybody can tell: without any key, from the
// network and from when the stream stored them (design.md sections 4 and 10). Aggregators take frames
// by it and auditors look for them by it. So what an auditor finds for a slot, its aggregator has seen.

import { type AttestedStreet, isSlotActive } from '../core/attested-street.ts';
import type { FrameBody } from '../core/frame.ts';
import { epochOfInterval, intervalEndSeconds } from '../core/interval.ts';
import type { VerifiedNetwork } from '../core/network-bundle.ts';

/** How far a meter's clock may run ahead. */
export const CLOCK_SKEW_SECONDS = 30;

export type FrameFault = 'future-interval' | 'unknown-slot' | 'bad-channels' | 'closed-interval';

/** `atSeconds` is when the stream stored the frame. */
export function checkFrame(
  { document }: VerifiedNetwork,
  street: AttestedStreet,
  body: FrameBody,
  atSeconds: number,
): FrameFault | undefined {
  const endSeconds = intervalEndSeconds(body.interval, document.intervalSeconds);
  // Before the slot: an interval decides which epoch's roster and keys are asked.
  if (endSeconds > atSeconds + CLOCK_SKEW_SECONDS) return 'future-interval';
  const epoch = epochOfInterval(body.interval, document.intervalSeconds);
  if (!isSlotActive(street, body.slot, epoch)) return 'unknown-slot';
  if (street.roster.entries[body.slot]?.channels !== body.channels) return 'bad-channels';
  return endSeconds + document.closeAfterSeconds <= atSeconds ? 'closed-interval' : undefined;
}
