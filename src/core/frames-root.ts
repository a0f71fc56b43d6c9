// What a street's seal says of its frames. The root is one hash over all of them, which says how long
// each is by itself: whoever checks it has them all, so a tree would only cost more. A frame alone is
// named by its digest, where the stream has several of one slot.

import { utf8 } from './bytes.ts';
import { sha256, sha256Of } from './digest.ts';

export const FRAMES_LABEL: Uint8Array = utf8('streetwatt/frames/1');
const FRAME_LABEL: Uint8Array = utf8('streetwatt/frame/1');

/** SHA-256("streetwatt/frames/1" || the contributors' frames in slot order). */
export function framesRoot(frames: readonly Uint8Array[]): Uint8Array {
  return sha256Of([FRAMES_LABEL, ...frames]);
}

/** SHA-256("streetwatt/frame/1" || frame). */
export function frameDigest(frame: Uint8Array): Uint8Array {
  return sha256(FRAME_LABEL, frame);
}
