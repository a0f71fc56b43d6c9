// A frame of any of the transports that DLMS messages come in, as it was found in a capture.

import type { Piece } from '../telegram.ts';

export interface Frame {
  readonly kind: 'hdlc' | 'mbus' | 'wrapper' | 'raw';
  readonly start: number;
  readonly end: number;
  /** What it carries: a message, or a part of one. Empty where the frame is damaged. */
  readonly payload: Piece;
  /** Whether the message goes on in the next frame. */
  readonly isSegment?: boolean;
  /** M-Bus: the number of the segment, 0 to 15. */
  readonly sequence?: number;
  /** HDLC: carries nothing, by design. */
  readonly isIdle?: boolean;
  /** HDLC: where the bytes under the frame check begin. */
  readonly checkStart?: number;
  readonly damage?: FrameDamage;
}

/** `check` of M-Bus is known at once; the frame check of HDLC is left to whoever decodes. */
export type FrameDamage = 'header' | 'no-end' | 'check' | 'cut-short';
