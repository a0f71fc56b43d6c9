// The map: one level at a time, drawn once and coloured again with every interval.

import './map.css';
import type { JSX } from 'preact';
import { useLayoutEffect, useMemo, useRef } from 'preact/hooks';
import { energyFormat } from '../state/formats.ts';
import { palette } from '../state/level.ts';
import { metric } from '../state/view.ts';
import { cellLabel } from '../state/words.ts';
import { CellsLayer } from './cells-layer.tsx';
import { type Drawn, drawn, mapSize, startDrawing } from './drawn.ts';
import { Highlight } from './highlight.tsx';
import { MapController } from './map-controller.ts';
import { markPath } from './marks.ts';
import { Patterns } from './patterns.tsx';
import { Tooltip } from './tooltip.tsx';

export function MapView(): JSX.Element {
  const frame = useRef<HTMLDivElement>(null);
  const svg = useRef<SVGSVGElement>(null);
  const zoomed = useRef<SVGGElement>(null);
  const labels = useRef<SVGGElement>(null);
  const controller = useRef<MapController>(undefined);

  useLayoutEffect(() => {
    const drawing = startDrawing();
    controller.current = new MapController({
      frame: frame.current as HTMLElement,
      svg: svg.current as SVGSVGElement,
      zoomed: zoomed.current as SVGGElement,
      labels: labels.current as SVGGElement,
    });
    return () => {
      controller.current?.[Symbol.dispose]();
      drawing[Symbol.dispose]();
    };
  }, []);

  const shown = drawn.value;
  useLayoutEffect(() => {
    if (shown !== undefined) controller.current?.onDrawn(shown);
  }, [shown]);

  const { width, height } = mapSize.value;
  return (
    <div class="map" ref={frame} data-area={shown?.scene.area}>
      <svg
        ref={svg}
        class="map-svg"
        width={width}
        height={height}
        role="application"
        aria-roledescription="map"
        aria-label={shown === undefined ? 'Map' : `Map of ${shown.name}, by ${shown.childLevel}`}
        aria-describedby="map-help"
      >
        <Patterns prefix="map" />
        <rect class="map-ground" width={width} height={height} />
        <g ref={zoomed}>
          {shown !== undefined && <LevelLayer key={shown.scene.area} shown={shown} />}
        </g>
        {/* biome-ignore lint/a11y/noAriaHiddenOnFocusable: the cells have the names */}
        <g ref={labels} class="labels" aria-hidden="true" />
      </svg>
      <p id="map-help" class="visually-hidden">
        Arrow keys move between areas, Enter goes in, Escape goes up, slash searches, question mark
        shows all keys.
      </p>
      <div class="map-zoom" data-over-map>
        <button type="button" aria-label="Zoom in" onClick={() => controller.current?.zoomBy(1.6)}>
          +
        </button>
        <button
          type="button"
          aria-label="Zoom out"
          onClick={() => controller.current?.zoomBy(1 / 1.6)}
        >
          −
        </button>
      </div>
      <Tooltip />
    </div>
  );
}

function LevelLayer({ shown }: { readonly shown: Drawn }): JSX.Element {
  const { scene } = shown;
  const words = useMemo(
    () =>
      new Map(
        shown.cells.map(({ cell }) => [
          cell.id,
          cellLabel(cell, metric.value, shown.classes, energyFormat),
        ]),
      ),
    [shown],
  );
  const partial = markPath(shown, 'partial');
  const zero = markPath(shown, 'zero');
  return (
    <g class="level">
      <path class="siblings" d={scene.siblings} />
      {scene.inset !== undefined && (
        <rect
          class="inset"
          x={scene.inset.x0}
          y={scene.inset.y0}
          width={scene.inset.x1 - scene.inset.x0}
          height={scene.inset.y1 - scene.inset.y0}
          rx="3"
        />
      )}
      <CellsLayer shown={shown} palette={palette.value} words={words} />
      <path class="outline" d={scene.outline} />
      <path class="mark mark-halo" d={partial} />
      <path class="mark mark-partial" d={partial} />
      <path class="mark mark-zero" d={zero} />
      <path class="mark mark-zero-hole" d={zero} />
      <Highlight shown={shown} />
    </g>
  );
}
