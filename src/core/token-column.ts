// The areas' tokens back to back in one byte array, so that an area leaves no string behind. Tokens are
// ASCII (area.ts): a byte a character, and their order is that of the strings.

const FIRST_CAPACITY_BYTES = 1024;

export class TokenColumn {
  #bytes: Uint8Array = new Uint8Array(FIRST_CAPACITY_BYTES);
  /** Of the token at i: from `#starts[i]` to `#starts[i + 1]`. */
  readonly #starts: Uint32Array;
  #length = 0;

  constructor(capacity: number) {
    this.#starts = new Uint32Array(capacity + 1);
  }

  push(token: string): void {
    const start = this.#starts[this.#length] as number;
    const end = start + token.length;
    if (end > this.#bytes.length) {
      const wider = new Uint8Array(Math.max(end, 2 * this.#bytes.length));
      wider.set(this.#bytes);
      this.#bytes = wider;
    }
    for (let i = 0; i < token.length; i++) this.#bytes[start + i] = token.charCodeAt(i);
    this.#length++;
    this.#starts[this.#length] = end;
  }

  /** Of a token that is there. By character: a view of so few bytes would cost several times as much. */
  at(index: number): string {
    const end = this.#starts[index + 1] as number;
    let token = '';
    for (let at = this.#starts[index] as number; at < end; at++)
      token += String.fromCharCode(this.#bytes[at] as number);
    return token;
  }

  /** Below, at or above zero: the token stands before, at or behind what `text` has from `from` to `to`. */
  compare(index: number, text: string, from: number, to: number): number {
    const start = this.#starts[index] as number;
    const length = (this.#starts[index + 1] as number) - start;
    const common = Math.min(length, to - from);
    for (let i = 0; i < common; i++) {
      const difference = (this.#bytes[start + i] as number) - text.charCodeAt(from + i);
      if (difference !== 0) return difference;
    }
    return length - (to - from);
  }

  /** Gives back the room for more, when all have been added. */
  trim(): void {
    this.#bytes = this.#bytes.slice(0, this.#starts[this.#length]);
  }
}
