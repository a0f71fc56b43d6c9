// Asks for an area, and for the level that the map draws of it; goes on through levels that offer no
// choice.

import { batch } from '@preact/signals';
import type { AreaDocument } from '../../../src/server/wire.ts';
import { getArea } from '../api/documents.ts';
import { asProblem } from '../api/problem.ts';
import * as data from './data.ts';
import { direction, passThroughTo } from './navigate.ts';

/** Areas seldom change: enough for the way up and the neighbours. */
const areas = new Map<string, AreaDocument>();
const MAX_AREAS = 32;

export function forgetAreas(): void {
  areas.clear();
}

export async function loadArea(id: string, signal: AbortSignal): Promise<void> {
  data.isLoading.value = true;
  try {
    const focus = await cachedArea(id, signal);
    const next = skipSingle(focus);
    if (next !== undefined) {
      passThroughTo(next);
      return;
    }
    const parent = focus.ancestors.at(-1);
    const isLeaf = focus.children.length === 0;
    const stage = isLeaf && parent !== undefined ? await cachedArea(parent.id, signal) : focus;
    batch(() => {
      data.area.value = focus;
      data.stageArea.value = stage;
      data.problem.value = undefined;
    });
  } catch (error) {
    if (!signal.aborted) data.problem.value = asProblem(error);
  } finally {
    if (!signal.aborted) data.isLoading.value = false;
  }
}

/** Where to go on to from a level that offers no choice. */
function skipSingle(focus: AreaDocument): string | undefined {
  const only = focus.children.length === 1 ? focus.children[0] : undefined;
  if (only === undefined) return undefined;
  const way = direction.peek();
  if (way === 'in' && only.isOpen) return only.id;
  return way === 'up' ? focus.ancestors.at(-1)?.id : undefined;
}

async function cachedArea(id: string, signal: AbortSignal): Promise<AreaDocument> {
  const known = areas.get(id);
  if (known !== undefined) {
    areas.delete(id);
    areas.set(id, known);
    return known;
  }
  const document = await getArea(id, { signal });
  areas.set(id, document);
  if (areas.size > MAX_AREAS) areas.delete(areas.keys().next().value as string);
  return document;
}
