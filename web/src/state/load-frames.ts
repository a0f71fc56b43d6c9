// Asks for figures, keeps the last of them, and shows them where they are wanted: never an older
// revision over a newer one, never one area's under another's name.

import { batch } from '@preact/signals';
import type { FrameDocument } from '../../../src/server/wire.ts';
import { getFrame } from '../api/documents.ts';
import { asProblem } from '../api/problem.ts';
import { clockNowMs } from './clock.ts';
import * as data from './data.ts';
import { FrameCache } from './frame-cache.ts';

const frames = new FrameCache(48);

export function forgetFrames(): void {
  frames.clear();
}

/** For when they are asked for. */
export function keepFrame(frame: FrameDocument): void {
  frames.put(frame);
}

/**
 * Resolves when the figures of an interval are here, to be shown at once: playing does not wait for
 * them, and never shows an earlier figure under a later time.
 */
export async function prefetchFrames(start: number, signal: AbortSignal): Promise<void> {
  const wanted = new Set([data.stageArea.peek()?.id, data.area.peek()?.id]);
  await Promise.all(
    [...wanted].map(async (id) => {
      if (id === undefined || frames.get(id, start) !== undefined) return;
      frames.put(await getFrame(id, start, { signal }));
    }),
  );
}

export async function loadFrames(
  focus: string,
  stage: string,
  start: number | undefined,
  signal: AbortSignal,
): Promise<void> {
  const show = (shown: FrameDocument) => showFrame(shown, focus, stage);
  for (const id of new Set([stage, focus])) {
    const known = frames.get(id, start);
    if (known !== undefined) show(known);
  }
  data.isLoading.value = true;
  try {
    const ids = [...new Set([stage, focus])];
    const loaded = await Promise.all(ids.map((id) => getFrame(id, start, { signal })));
    batch(() => {
      for (const frame of loaded) {
        frames.put(frame);
        show(frame);
      }
      data.problem.value = undefined;
    });
  } catch (error) {
    // Without an answer the last figures stay, with their age; a refusal is another thing.
    const found = asProblem(error);
    if (!signal.aborted && !found.isTransient) data.problem.value = found;
    else if (!signal.aborted) data.connection.value = 'offline';
  } finally {
    if (!signal.aborted) data.isLoading.value = false;
  }
}

export function showFrame(shown: FrameDocument, focus: string, stage: string): void {
  batch(() => {
    noteLatest(shown);
    if (shown.area === focus) data.frame.value = newer(data.frame.peek(), shown);
    if (shown.area === stage) data.stageFrame.value = newer(data.stageFrame.peek(), shown);
  });
}

/** The same interval never goes back to an older revision. */
function newer(known: FrameDocument | undefined, next: FrameDocument): FrameDocument {
  const isSame = known?.area === next.area && known.start === next.start;
  return isSame && known.revision >= next.revision ? known : next;
}

export function noteLatest(shown: FrameDocument): void {
  if (!shown.isLatest) return;
  const start = Date.parse(shown.start) / 1000;
  if (start < (data.latestStart.peek() ?? 0) && !hasNetworkRestarted()) return;
  data.latestStart.value = start;
  data.latestFrame.value = shown;
}

/** A demo that was started again begins earlier: what the page knew lies in its future. */
function hasNetworkRestarted(): boolean {
  const known = data.latestFrame.peek();
  if (known === undefined || Date.parse(known.end) <= clockNowMs()) return false;
  frames.clear();
  return true;
}
