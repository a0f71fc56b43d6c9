// A context for d3-geo's path that keeps the projected rings and writes the path's text in one pass.

export interface DrawnPath {
  readonly d: string;
  /** Flat x, y pairs of each ring. */
  readonly rings: readonly Float64Array[];
}

export class RingRecorder {
  #text = '';
  #rings: Float64Array[] = [];
  #ring: number[] = [];

  beginPath(): void {}

  moveTo(x: number, y: number): void {
    this.#endRing();
    this.#ring.push(x, y);
    this.#text += `M${round(x)},${round(y)}`;
  }

  lineTo(x: number, y: number): void {
    this.#ring.push(x, y);
    this.#text += `L${round(x)},${round(y)}`;
  }

  closePath(): void {
    this.#text += 'Z';
    this.#endRing();
  }

  /** Points are not drawn. */
  arc(): void {}

  take(): DrawnPath {
    this.#endRing();
    const drawn = { d: this.#text, rings: this.#rings };
    this.#text = '';
    this.#rings = [];
    return drawn;
  }

  #endRing(): void {
    if (this.#ring.length >= 6) this.#rings.push(Float64Array.from(this.#ring));
    this.#ring = [];
  }
}

/** A fiftieth of a pixel at the deepest zoom, and half the text. */
function round(value: number): number {
  return Math.round(value * 100) / 100;
}
