// Where on the map the keyboard is: one cell has the focus, one is the stop of the Tab key, and the
// arrows go from cell to cell.

import { batch } from '@preact/signals';
import type { Cell } from '../state/cells.ts';
import { focusedRow, hoveredRow } from '../state/view.ts';
import { type Drawn, drawn } from './drawn.ts';
import { dismissedRow, pointedWith } from './map-state.ts';
import { type Arrow, neighbourOf } from './neighbour.ts';

export class CellFocus {
  readonly #svg: SVGSVGElement;
  readonly #listening = new AbortController();
  #tabStop: Element | undefined;
  /** The cell that has the focus, or had it when it was taken away. */
  #focused: { readonly element: Element; readonly members: readonly string[] } | undefined;

  constructor(frame: HTMLElement, svg: SVGSVGElement) {
    this.#svg = svg;
    // On the frame: an SVG element that listens for the focus itself becomes a stop of the Tab key.
    const { signal } = this.#listening;
    frame.addEventListener('focusin', (event) => this.#onFocus(event), { signal });
    frame.addEventListener('focusout', (event) => this.#onBlur(event), { signal });
  }

  [Symbol.dispose](): void {
    this.#listening.abort();
  }

  step(arrow: Arrow, from: Cell | undefined): void {
    const shown = drawn.peek();
    if (shown === undefined) return;
    const points = shown.cells.map(({ cell, shape }) => ({
      id: cell.id,
      x: shape.anchor.x,
      y: shape.anchor.y,
    }));
    const here = points.find(({ id }) => id === from?.id);
    this.moveTo(here === undefined ? points[0]?.id : neighbourOf(here, points, arrow));
  }

  /** One cell of the level is what Tab reaches. */
  keepTabStop(shown: Drawn): void {
    if (this.#tabStop !== undefined && this.#svg.contains(this.#tabStop)) return;
    this.#setTabStop(this.#element(focusedRow.peek()) ?? this.#element(shown.cells[0]?.cell.id));
  }

  /** Figures may merge cells that were drawn before them: the focus goes on to what took the place. */
  recover(shown: Drawn): void {
    const lost = this.#focused;
    if (lost === undefined || lost.element.isConnected) return;
    this.#focused = undefined;
    if (document.activeElement !== document.body) return;
    const next = shown.cells.find(({ cell }) =>
      cell.members.some((id) => lost.members.includes(id)),
    );
    this.moveTo(next?.cell.id);
  }

  moveTo(id: string | undefined): void {
    const element = this.#element(id);
    if (element instanceof SVGElement) element.focus({ preventScroll: true });
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

export function rowIdOf(target: EventTarget | null): string | undefined {
  return target instanceof Element ? (target.getAttribute('data-row') ?? undefined) : undefined;
}
