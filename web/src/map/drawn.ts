// What the map draws now: a scene and the cells that belong to it. Both change together, so that no
// cell is ever drawn with another level's figures, and only when a flight to it has landed.

import { computed, effect, type ReadonlySignal, type Signal, signal } from '@preact/signals';
import type { Classes } from '../../../src/map/classes.ts';
import { ApiProblem } from '../api/problem.ts';
import type { Cell } from '../state/cells.ts';
import { problem, stageArea } from '../state/data.ts';
import { level } from '../state/level.ts';
import { loadGeometry, type MapGeometry } from './geometry.ts';
import { type Scene, type Shape, sceneOf } from './scene.ts';

export interface DrawnCell {
  readonly cell: Cell;
  readonly shape: Shape;
}

export interface Drawn {
  readonly scene: Scene;
  readonly name: string;
  readonly childLevel: string;
  readonly classes: Classes;
  readonly cells: readonly DrawnCell[];
  readonly byId: ReadonlyMap<string, DrawnCell>;
}

/** Of the map's frame, in CSS pixels. */
export const mapSize: Signal<{ width: number; height: number }> = signal({ width: 0, height: 0 });

/** The flight under way: the next level waits for it. */
export const flight: Signal<Promise<void> | undefined> = signal(undefined);

const geometry: Signal<{ area: string; shapes: MapGeometry | undefined } | undefined> =
  signal(undefined);
const shownScene: Signal<Scene | undefined> = signal(undefined);

const nextScene: ReadonlySignal<Scene | undefined> = computed(() => {
  const area = stageArea.value;
  const { width, height } = mapSize.value;
  if (area === undefined || geometry.value?.area !== area.id || width === 0) return undefined;
  return sceneOf(area, geometry.value.shapes, width, height);
});

let lastDrawn: Drawn | undefined;

/** Undefined until the first level is here. */
export const drawn: ReadonlySignal<Drawn | undefined> = computed(() => {
  const scene = shownScene.value;
  const known = level.value;
  if (scene === undefined || known === undefined || known.area.id !== scene.area) return lastDrawn;
  const cells = known.cells.flatMap((cell): DrawnCell[] => {
    const shape = scene.shape(cell.members);
    return shape === undefined ? [] : [{ cell, shape }];
  });
  lastDrawn = {
    scene,
    name: known.area.name,
    childLevel: known.area.childLevel ?? 'area',
    classes: known.classes,
    cells,
    byId: new Map(cells.map((entry) => [entry.cell.id, entry])),
  };
  return lastDrawn;
});

export function startDrawing(): Disposable {
  const stops = [
    effect(() => {
      const area = stageArea.value;
      if (area === undefined) return;
      const { id, geometryUrl } = area;
      if (geometryUrl === null) {
        geometry.value = { area: id, shapes: undefined };
        return;
      }
      const stop = new AbortController();
      loadGeometry(geometryUrl, stop.signal).then(
        (shapes) => {
          if (!stop.signal.aborted) geometry.value = { area: id, shapes };
        },
        (error: unknown) => {
          if (stop.signal.aborted) return;
          // Without shapes the tiles still show every figure.
          geometry.value = { area: id, shapes: undefined };
          if (!(error instanceof ApiProblem)) console.error(error);
        },
      );
      return () => stop.abort();
    }),
    effect(() => {
      const scene = nextScene.value;
      if (scene === undefined || problem.value !== undefined) return;
      const wait = flight.value;
      if (wait === undefined || shownScene.peek()?.area === scene.area) {
        shownScene.value = scene;
        return;
      }
      let isStale = false;
      void wait.then(() => {
        if (!isStale) shownScene.value = scene;
      });
      return () => {
        isStale = true;
      };
    }),
  ];
  return {
    [Symbol.dispose]() {
      for (const stop of stops) stop();
    },
  };
}
