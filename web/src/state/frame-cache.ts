// The last few frames, so that the slider and the way back show at once what they showed before. Small
// on purpose: a frame of a thousand cells is half a megabyte.

import type { FrameDocument } from '../../../src/server/wire.ts';

export class FrameCache {
  readonly #frames = new Map<string, FrameDocument>();
  readonly #capacity: number;

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  get size(): number {
    return this.#frames.size;
  }

  /** Keeps the newest revision of an interval. */
  put(frame: FrameDocument): void {
    const key = keyOf(frame.area, Date.parse(frame.start) / 1000);
    const known = this.#frames.get(key);
    if (known !== undefined && known.revision > frame.revision) return;
    this.#frames.delete(key);
    this.#frames.set(key, frame);
    if (this.#frames.size > this.#capacity) {
      this.#frames.delete(this.#frames.keys().next().value as string);
    }
  }

  /** `start` undefined: the newest that it has of the area. */
  get(area: string, start: number | undefined): FrameDocument | undefined {
    if (start !== undefined) return this.#frames.get(keyOf(area, start));
    let newest: FrameDocument | undefined;
    for (const frame of this.#frames.values()) {
      if (frame.area === area && (newest === undefined || frame.start > newest.start))
        newest = frame;
    }
    return newest;
  }

  clear(): void {
    this.#frames.clear();
  }
}

function keyOf(area: string, start: number): string {
  return `${area}|${start}`;
}
