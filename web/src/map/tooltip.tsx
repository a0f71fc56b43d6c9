// What a cell is, beside it: it follows the pointer's cell and the keyboard's alike, and stays while
// the figures under it change.

import type { JSX } from 'preact';
import { useLayoutEffect, useRef } from 'preact/hooks';
import { hoveredRow } from '../state/view.ts';
import { CellCard } from './cell-card.tsx';
import { drawn, mapSize } from './drawn.ts';
import { dismissedRow, zoomTransform } from './map-state.ts';
import { placeTooltip } from './tooltip-place.ts';

export function Tooltip(): JSX.Element | null {
  const element = useRef<HTMLDivElement>(null);
  const id = hoveredRow.value;
  const shown = drawn.value;
  const entry = id === undefined || id === dismissedRow.value ? undefined : shown?.byId.get(id);
  const { k, x, y } = zoomTransform.value;
  const frame = mapSize.value;

  useLayoutEffect(() => {
    const node = element.current;
    if (node === null || entry === undefined) return;
    const { x0, y0, x1, y1 } = entry.shape.box;
    const place = placeTooltip(
      { x0: x0 * k + x, y0: y0 * k + y, x1: x1 * k + x, y1: y1 * k + y },
      { width: node.offsetWidth, height: node.offsetHeight },
      frame,
    );
    node.style.transform = `translate(${Math.round(place.x)}px, ${Math.round(place.y)}px)`;
  });

  if (entry === undefined || shown === undefined) return null;
  return (
    <div ref={element} class="tooltip" role="tooltip">
      <CellCard cell={entry.cell} classes={shown.classes} level={shown.childLevel} />
    </div>
  );
}
