// Zooming and panning within a level, and the flight from one level to the next. Only a transform
// changes: no path is drawn again, so a frame on a thousand cells stays within one of the screen's.

import { interpolateZoom } from 'd3-interpolate';
import { select } from 'd3-selection';
import { type ZoomTransform, zoom, zoomIdentity } from 'd3-zoom';
import type { Box } from './anchor.ts';
import { levelFrame } from './level-margin.ts';

const FLIGHT_MS = 420;
const MAX_SCALE = 16;
/** A focused leaf is shown with what lies around it. */
const MAX_LEAF_SCALE = 4;

export interface ZoomStageOptions {
  readonly svg: SVGSVGElement;
  readonly onMove: (transform: ZoomTransform) => void;
  /** The map has come to rest. */
  readonly onRest: (transform: ZoomTransform) => void;
}

export class ZoomStage {
  readonly #svg: SVGSVGElement;
  readonly #behaviour;
  #width = 1;
  #height = 1;
  #transform: ZoomTransform = zoomIdentity;
  #flight = 0;

  constructor({ svg, onMove, onRest }: ZoomStageOptions) {
    this.#svg = svg;
    this.#behaviour = zoom<SVGSVGElement, unknown>()
      .scaleExtent([1, MAX_SCALE])
      .filter((event: Event) => this.#isOurs(event))
      .on('zoom', (event: { transform: ZoomTransform }) => {
        this.#transform = event.transform;
        svg.classList.toggle('zoomed', event.transform.k > 1.001);
        onMove(event.transform);
      })
      .on('end', (event: { transform: ZoomTransform }) => onRest(event.transform));
    select(svg).call(this.#behaviour).on('dblclick.zoom', null);
  }

  [Symbol.dispose](): void {
    cancelAnimationFrame(this.#flight);
    select(this.#svg).on('.zoom', null);
  }

  get transform(): ZoomTransform {
    return this.#transform;
  }

  resize(width: number, height: number): void {
    this.#width = width;
    this.#height = height;
    const slack = 0.25;
    this.#behaviour
      .extent([
        [0, 0],
        [width, height],
      ])
      .translateExtent([
        [-width * slack, -height * slack],
        [width * (1 + slack), height * (1 + slack)],
      ]);
  }

  scaleBy(factor: number): void {
    const k = Math.min(MAX_SCALE, Math.max(1, this.#transform.k * factor));
    const [cx, cy] = [this.#width / 2, this.#height / 2];
    const [x, y] = this.#transform.invert([cx, cy]);
    void this.flyTo(
      k <= 1.001 ? zoomIdentity : zoomIdentity.translate(cx - k * x, cy - k * y).scale(k),
    );
  }

  jumpTo(transform: ZoomTransform): void {
    cancelAnimationFrame(this.#flight);
    this.#apply(transform);
  }

  /** The transform that shows `box` as a level of its own will show it. */
  framing(box: Box, isLeaf = false): ZoomTransform {
    const [width, height] = [this.#width, this.#height];
    const frame = levelFrame(width, height);
    const fits = Math.min(
      (frame.x1 - frame.x0) / Math.max(1e-3, box.x1 - box.x0),
      (frame.y1 - frame.y0) / Math.max(1e-3, box.y1 - box.y0),
    );
    // Not capped for a flight between levels: it ends where the next level begins.
    const k = isLeaf ? Math.min(MAX_LEAF_SCALE, fits * 0.4) : fits;
    if (isLeaf && k <= 1) return zoomIdentity;
    return zoomIdentity
      .translate(
        (frame.x0 + frame.x1 - k * (box.x0 + box.x1)) / 2,
        (frame.y0 + frame.y1 - k * (box.y0 + box.y1)) / 2,
      )
      .scale(k);
  }

  /** Resolves when it is there; a jump where the reader wants less motion. */
  flyTo(target: ZoomTransform): Promise<void> {
    cancelAnimationFrame(this.#flight);
    if (matchMedia('(prefers-reduced-motion: reduce)').matches || document.hidden) {
      this.#apply(target);
      return Promise.resolve();
    }
    const path = interpolateZoom(this.#viewOf(this.#transform), this.#viewOf(target));
    const startMs = performance.now();
    return new Promise((resolve) => {
      const step = (nowMs: number) => {
        const share = Math.min(1, Math.max(0, (nowMs - startMs) / FLIGHT_MS));
        if (share >= 1) {
          this.#apply(target);
          resolve();
          return;
        }
        this.#apply(this.#transformOf(path(easeInOut(share))));
        this.#flight = requestAnimationFrame(step);
      };
      this.#flight = requestAnimationFrame(step);
      // A tab that goes to the background gets no frames; nobody may wait for it.
      setTimeout(resolve, FLIGHT_MS + 150);
    });
  }

  /** Not held to the scales of a reader's hand: a flight ends where the next level takes over. */
  #apply(transform: ZoomTransform): void {
    this.#behaviour.transform(select(this.#svg), transform);
  }

  #viewOf({ k, x, y }: ZoomTransform): [number, number, number] {
    return [(this.#width / 2 - x) / k, (this.#height / 2 - y) / k, this.#width / k];
  }

  #transformOf([cx, cy, span]: [number, number, number]): ZoomTransform {
    const k = this.#width / span;
    return zoomIdentity.translate(this.#width / 2 - k * cx, this.#height / 2 - k * cy).scale(k);
  }

  /** The page must scroll where it can: one finger and the bare wheel are then its own. */
  #isOurs(event: Event): boolean {
    if (event.type === 'wheel') {
      const wheel = event as WheelEvent;
      if (wheel.ctrlKey || wheel.metaKey) return true;
      const page = document.scrollingElement;
      if (page !== null && page.scrollHeight > innerHeight + 4) return false;
      return wheel.deltaY < 0 || this.#transform.k > 1.001;
    }
    if (event.type.startsWith('touch')) {
      return (event as TouchEvent).touches.length > 1 || this.#transform.k > 1.001;
    }
    return (event as MouseEvent).button === 0 && !(event as MouseEvent).ctrlKey;
  }
}

function easeInOut(share: number): number {
  return share < 0.5 ? 4 * share ** 3 : 1 - (-2 * share + 2) ** 3 / 2;
}
