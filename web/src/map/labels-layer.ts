// Names over the map, kept at their size while it is scaled: moved with every frame, chosen again when
// the map rests.

import type { ZoomTransform } from 'd3-zoom';
import type { Drawn } from './drawn.ts';
import { type PlacedLabel, placeLabels, type ScreenBox } from './place-labels.ts';

const SVG = 'http://www.w3.org/2000/svg';
const MAX_MEASURED = 4000;
/** Of the font's size. */
const LINE_HEIGHT = 1.13;

export class LabelsLayer {
  readonly #group: SVGGElement;
  readonly #widths = new Map<string, number>();
  readonly #context = document.createElement('canvas').getContext('2d');
  readonly #shown = new Map<string, { label: PlacedLabel; element: SVGTextElement }>();

  constructor(group: SVGGElement) {
    this.#group = group;
  }

  place(drawn: Drawn, transform: ZoomTransform): void {
    const { k, x, y } = transform;
    const { width, height } = drawn.scene;
    const candidates = drawn.cells.map(({ cell, shape }) => ({
      id: cell.id,
      text: cell.name,
      ...shape.anchor,
    }));
    const lineHeight = parseFloat(getComputedStyle(this.#group).fontSize) * LINE_HEIGHT;
    const labels = placeLabels(
      candidates,
      { k, x, y, width, height, lineHeight },
      (text) => this.#measure(text),
      this.#covered(),
    );
    const left = new Set(this.#shown.keys());
    for (const label of labels) {
      left.delete(label.id);
      const known = this.#shown.get(label.id);
      if (known !== undefined && known.label.lines.join('\n') === label.lines.join('\n')) {
        this.#shown.set(label.id, { label, element: known.element });
        continue;
      }
      known?.element.remove();
      const element = drawLabel(label.lines, lineHeight);
      this.#group.append(element);
      this.#shown.set(label.id, { label, element });
    }
    for (const id of left) {
      this.#shown.get(id)?.element.remove();
      this.#shown.delete(id);
    }
    this.move(transform);
  }

  move({ k, x, y }: ZoomTransform): void {
    for (const { label, element } of this.#shown.values()) {
      element.setAttribute(
        'transform',
        `translate(${(label.x * k + x).toFixed(1)},${(label.y * k + y).toFixed(1)})`,
      );
    }
  }

  /** By what stands over the map: the way up, the buttons. */
  #covered(): ScreenBox[] {
    const map = this.#group.ownerSVGElement?.getBoundingClientRect();
    if (map === undefined) return [];
    return [...document.querySelectorAll('[data-over-map]')].map((element) => {
      const { left, top, right, bottom } = element.getBoundingClientRect();
      return [left - map.left, top - map.top, right - map.left, bottom - map.top];
    });
  }

  #measure(text: string): number {
    const known = this.#widths.get(text);
    if (known !== undefined) return known;
    let width = text.length * 6.5;
    if (this.#context !== null) {
      const style = getComputedStyle(this.#group);
      this.#context.font = `${style.fontWeight} ${style.fontSize} ${style.fontFamily}`;
      width = this.#context.measureText(text).width;
    }
    if (this.#widths.size > MAX_MEASURED) this.#widths.clear();
    this.#widths.set(text, width);
    return width;
  }
}

function drawLabel(lines: readonly string[], lineHeight: number): SVGTextElement {
  const text = document.createElementNS(SVG, 'text');
  for (const [i, line] of lines.entries()) {
    const span = document.createElementNS(SVG, 'tspan');
    span.setAttribute('x', '0');
    span.setAttribute('y', String((i - (lines.length - 1) / 2) * lineHeight));
    span.setAttribute('dy', '0.35em');
    span.textContent = line;
    text.append(span);
  }
  return text;
}
