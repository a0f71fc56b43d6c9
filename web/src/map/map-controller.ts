// The map's hands: pointer, keyboard and zoom on one side, the view on the other. It flies to a level
// as soon as the view asks for it, while the level's data are still on their way.

import { batch, effect } from '@preact/signals';
import { zoomIdentity } from 'd3-zoom';
import type { Cell } from '../state/cells.ts';
import { direction } from '../state/navigate.ts';
import { goUp, openCell } from '../state/steps.ts';
import { focusedArea, focusedRow, hoveredRow } from '../state/view.ts';
import { type Drawn, type DrawnCell, drawn, flight, mapSize } from './drawn.ts';
import { LabelsLayer } from './labels-layer.ts';
import { dismissedRow, pointedWith, zoomTransform } from './map-state.ts';
import { type Arrow, neighbourOf } from './neighbour.ts';
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
  #tabStop: Element | undefined;
  #shownArea: string | undefined;
  #keepsFocus = false;
  /** The cell that has the focus, or had it when it was taken away. */
  #focused: { readonly element: Element; readonly members: readonly string[] } | undefined;

  constructor({ frame, svg, zoomed, labels }: MapElements) {
    this.#svg = svg;
    this.#labels = new LabelsLayer(labels);
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
    // On the frame: an SVG element that listens for the focus itself becomes a stop of the Tab key.
    const { signal } = listening;
    frame.addEventListener('focusin', (event) => this.#onFocus(event), { signal });
    frame.addEventListener('focusout', (event) => this.#onBlur(event), { signal });
    const observer = new ResizeObserver(() => this.#measure(frame));
    observer.observe(frame);
    this.#stops.push(
      () => listening.abort(),
      () => observer.disconnect(),
      effect(() => this.#follow(focusedArea.value)),
      () => this.#stage[Symbol.dispose](),
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
      if (this.#keepsFocus) this.#focusRow((from ?? shown.cells[0])?.cell.id);
      this.#follow(focusedArea.peek());
      this.#keepsFocus = false;
    } else {
      this.#recoverFocus(shown);
    }
    if (this.#tabStop === undefined || !this.#svg.contains(this.#tabStop)) {
      this.#setTabStop(this.#element(focusedRow.peek()) ?? this.#element(shown.cells[0]?.cell.id));
    }
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
        this.#step(event.key, entry?.cell);
        break;
      case 'Home':
        this.#focusRow(shown?.cells[0]?.cell.id);
        break;
      case 'End':
        this.#focusRow(shown?.cells.at(-1)?.cell.id);
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

  #step(arrow: Arrow, from: Cell | undefined): void {
    const shown = drawn.peek();
    if (shown === undefined) return;
    const points = shown.cells.map(({ cell, shape }) => ({
      id: cell.id,
      x: shape.anchor.x,
      y: shape.anchor.y,
    }));
    const here = points.find(({ id }) => id === from?.id);
    this.#focusRow(here === undefined ? points[0]?.id : neighbourOf(here, points, arrow));
  }

  #onFocus(event: FocusEvent): void {
    const id = rowIdOf(event.target);
    if (id === undefined) return;
    this.#setTabStop(event.target as Element);
    const members = drawn.peek()?.byId.get(id)?.cell.members ?? [];
    this.#focused = { element: event.target as Element, members };
    const isByKey = (event.target as Element).matches(':focus-visible');
    if (!isByKey) return;
    batch(() => {
      focusedRow.value = id;
      hoveredRow.value = id;
      pointedWith.value = 'keyboard';
      dismissedRow.value = undefined;
    });
  }

  #onBlur({ target }: FocusEvent): void {
    // What is taken away while it has the focus is gone by then.
    queueMicrotask(() => {
      if (this.#focused?.element === target && this.#focused?.element.isConnected)
        this.#focused = undefined;
    });
    batch(() => {
      if (pointedWith.peek() === 'keyboard') hoveredRow.value = undefined;
      focusedRow.value = undefined;
    });
  }

  /** Figures may merge cells that were drawn before them: the focus goes on to what took the place. */
  #recoverFocus(shown: Drawn): void {
    const lost = this.#focused;
    if (lost === undefined || lost.element.isConnected) return;
    this.#focused = undefined;
    if (document.activeElement !== document.body) return;
    const next = shown.cells.find(({ cell }) =>
      cell.members.some((id) => lost.members.includes(id)),
    );
    this.#focusRow(next?.cell.id);
  }

  #focusRow(id: string | undefined): void {
    const element = this.#element(id);
    if (element instanceof SVGElement) element.focus({ preventScroll: true });
  }

  #element(id: string | undefined): Element | undefined {
    if (id === undefined) return undefined;
    return this.#svg.querySelector(`[data-row="${CSS.escape(id)}"]`) ?? undefined;
  }

  #setTabStop(element: Element | undefined): void {
    this.#tabStop?.setAttribute('tabindex', '-1');
    element?.setAttribute('tabindex', '0');
    this.#tabStop = element;
  }
}

function rowIdOf(target: EventTarget | null): string | undefined {
  return target instanceof Element ? (target.getAttribute('data-row') ?? undefined) : undefined;
}

/** The cell that `area` is in, or lies below. */
function cellTowards(shown: Drawn, area: string): DrawnCell | undefined {
  return shown.cells.find(({ cell }) => cell.members.some((id) => isAtOrBelow(area, id)));
}

function isAtOrBelow(area: string, ancestor: string): boolean {
  return area === ancestor || area.startsWith(`${ancestor}/`);
}
