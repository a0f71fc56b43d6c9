// The map's hands: pointer, keys and zoom on one side, the view on the other. It flies to a level
// as soon as the view asks for it, while the level's data are still on their way.

import { batch, effect } from '@preact/signals';
import { zoomIdentity } from 'd3-zoom';
import { direction } from '../state/navigate.ts';
import { goUp, openCell } from '../state/steps.ts';
import { focusedArea, focusedRow, hoveredRow } from '../state/view.ts';
import { CellFocus, rowIdOf } from './cell-focus.ts';
import { type Drawn, type DrawnCell, drawn, flight, mapSize } from './drawn.ts';
import { LabelsLayer } from './labels-layer.ts';
import { dismissedRow, pointedWith, zoomTransform } from './map-state.ts';
import { scalePatterns } from './patterns.tsx';
import { ZoomStage } from './zoom-stage.ts';

export interface MapElements {
  readonly frame: HTMLElement;
  readonly svg: SVGSVGElement;
  /** What is scaled. */
  readonly zoomed: SVGGElement;
  readonly labels: SVGGElement;
}

export class MapController {
  readonly #svg: SVGSVGElement;
  readonly #stage: ZoomStage;
  readonly #labels: LabelsLayer;
  readonly #stops: (() => void)[] = [];
  readonly #focus: CellFocus;
  #shownArea: string | undefined;
  #keepsFocus = false;

  constructor({ frame, svg, zoomed, labels }: MapElements) {
    this.#svg = svg;
    this.#labels = new LabelsLayer(labels);
    this.#focus = new CellFocus(frame, svg);
    this.#stage = new ZoomStage({
      svg,
      onMove: (transform) => {
        zoomed.setAttribute('transform', transform.toString());
        scalePatterns(svg, transform.k);
        this.#labels.move(transform);
        zoomTransform.value = transform;
      },
      onRest: () => this.placeLabels(),
    });
    const listening = new AbortController();
    const listen = <K extends keyof SVGElementEventMap>(
      type: K,
      handle: (event: SVGElementEventMap[K]) => void,
    ) => svg.addEventListener(type, handle, { signal: listening.signal });
    listen('pointerover', (event) => this.#onPointer(event));
    listen('pointerleave', () => {
      if (pointedWith.peek() === 'pointer') hoveredRow.value = focusedRow.peek();
    });
    listen('click', (event) => this.#onClick(event));
    listen('keydown', (event) => this.#onKey(event));
    const observer = new ResizeObserver(() => this.#measure(frame));
    observer.observe(frame);
    this.#stops.push(
      () => listening.abort(),
      () => observer.disconnect(),
      effect(() => this.#follow(focusedArea.value)),
      () => this.#stage[Symbol.dispose](),
      () => this.#focus[Symbol.dispose](),
    );
    this.#measure(frame);
  }

  [Symbol.dispose](): void {
    for (const stop of this.#stops) stop();
  }

  zoomBy(factor: number): void {
    this.#stage.scaleBy(factor);
  }

  zoomOut(): void {
    void this.#stage.flyTo(zoomIdentity);
  }

  placeLabels(): void {
    const shown = drawn.peek();
    if (shown !== undefined) this.#labels.place(shown, this.#stage.transform);
  }

  /** After what is drawn has changed on screen. */
  onDrawn(shown: Drawn): void {
    const before = this.#shownArea;
    const { area } = shown.scene;
    if (before !== area) {
      this.#shownArea = area;
      flight.value = undefined;
      const from = before?.startsWith(`${area}/`) ? cellTowards(shown, before) : undefined;
      if (from !== undefined && direction.peek() === 'up') {
        // The parent opens where the child was, and draws back.
        this.#stage.jumpTo(this.#stage.framing(from.shape.box));
        void this.#stage.flyTo(zoomIdentity);
      } else {
        this.#stage.jumpTo(zoomIdentity);
      }
      // The old level's cells are gone and the focus with them, unless the reader took it elsewhere.
      const isTaken = document.activeElement !== document.body;
      if (this.#keepsFocus && !isTaken) this.#focus.moveTo((from ?? shown.cells[0])?.cell.id);
      this.#follow(focusedArea.peek());
      this.#keepsFocus = false;
    } else {
      this.#focus.recover(shown);
    }
    this.#focus.keepTabStop(shown);
    this.placeLabels();
  }

  /** Flies towards the area that the view asks for, as far as it can be seen from here. */
  #follow(target: string): void {
    const shown = drawn.peek();
    if (shown === undefined) return;
    this.#keepsFocus = this.#svg.contains(document.activeElement);
    if (target === shown.scene.area) {
      if (this.#stage.transform.k !== 1) void this.#stage.flyTo(zoomIdentity);
      return;
    }
    if (!target.startsWith(`${shown.scene.area}/`)) return;
    const entry = cellTowards(shown, target);
    if (entry === undefined) return;
    const { cell, shape } = entry;
    const member = cell.members.find((id) => isAtOrBelow(target, id)) as string;
    if (cell.isOpen) {
      const box = shown.scene.shape([member])?.box ?? shape.box;
      flight.value = this.#stage.flyTo(this.#stage.framing(box));
    } else {
      void this.#stage.flyTo(this.#stage.framing(shape.box, true));
    }
  }

  #measure(frame: HTMLElement): void {
    const [width, height] = [Math.round(frame.clientWidth), Math.round(frame.clientHeight)];
    const { width: w, height: h } = mapSize.peek();
    this.#stage.resize(width, height);
    if (width === w && height === h) return;
    mapSize.value = { width, height };
    if (this.#stage.transform.k !== 1) this.#stage.jumpTo(zoomIdentity);
  }

  #onPointer(event: PointerEvent): void {
    const id = rowIdOf(event.target);
    if (id === hoveredRow.peek()) return;
    batch(() => {
      if (id !== undefined) pointedWith.value = 'pointer';
      if (id !== undefined || pointedWith.peek() === 'pointer') {
        hoveredRow.value = id ?? focusedRow.peek();
      }
      if (id !== dismissedRow.peek()) dismissedRow.value = undefined;
    });
  }

  #onClick(event: MouseEvent): void {
    const id = rowIdOf(event.target);
    const entry = id === undefined ? undefined : drawn.peek()?.byId.get(id);
    if (entry === undefined) {
      if (event.detail > 0) goUp();
      return;
    }
    const isTouch = (event as PointerEvent).pointerType === 'touch';
    // A finger cannot hover: its first tap says what the cell is, the second goes in.
    if (isTouch && this.#tapped !== id) {
      this.#tapped = id;
      return;
    }
    this.#tapped = undefined;
    openCell(entry.cell, this.#memberAt(entry, event));
  }

  #tapped: string | undefined;

  #memberAt({ cell }: DrawnCell, event: MouseEvent): string | undefined {
    if (cell.members.length < 2) return undefined;
    const box = this.#svg.getBoundingClientRect();
    const [x, y] = this.#stage.transform.invert([
      event.clientX - box.left,
      event.clientY - box.top,
    ]);
    return drawn.peek()?.scene.memberAt(cell.members, x, y);
  }

  #onKey(event: KeyboardEvent): void {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const shown = drawn.peek();
    const entry = shown?.byId.get(rowIdOf(event.target) ?? '');
    switch (event.key) {
      case 'ArrowLeft':
      case 'ArrowRight':
      case 'ArrowUp':
      case 'ArrowDown':
        this.#focus.step(event.key, entry?.cell);
        break;
      case 'Home':
        this.#focus.moveTo(shown?.cells[0]?.cell.id);
        break;
      case 'End':
        this.#focus.moveTo(shown?.cells.at(-1)?.cell.id);
        break;
      case 'Enter':
      case ' ':
        if (entry !== undefined) openCell(entry.cell);
        break;
      case '+':
      case '=':
        this.zoomBy(1.6);
        break;
      case '-':
        this.zoomBy(1 / 1.6);
        break;
      case '0':
        this.zoomOut();
        break;
      default:
        return;
    }
    event.preventDefault();
  }
}

/** The cell that `area` is in, or lies below. */
function cellTowards(shown: Drawn, area: string): DrawnCell | undefined {
  return shown.cells.find(({ cell }) => cell.members.some((id) => isAtOrBelow(area, id)));
}

function isAtOrBelow(area: string, ancestor: string): boolean {
  return area === ancestor || area.startsWith(`${ancestor}/`);
}
