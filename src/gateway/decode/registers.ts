// Registers of a telegram while it is read: capped, and a name that comes twice loses neither value.

import { MAX_REGISTERS, type Register } from './telegram.ts';

export class Registers {
  readonly #map: Map<string, Register> = new Map();
  #isFull = false;

  /** A second register of a name is `name#2`, and so on. */
  add(name: string, register: Register): void {
    if (this.#map.size >= MAX_REGISTERS) {
      this.#isFull = true;
      return;
    }
    let free = name;
    for (let count = 2; this.#map.has(free); count++) free = `${name}#${count}`;
    this.#map.set(free, register);
  }

  get map(): ReadonlyMap<string, Register> {
    return this.#map;
  }

  /** Whether registers were left out. */
  get isFull(): boolean {
    return this.#isFull;
  }
}
