// How many files are being made at once: each takes memory and time until its reader has all of it,
// so a reader that takes nothing for a while is dropped.

import { Problem } from '../problem.ts';
import type { ServerLimits } from '../server-deps.ts';

export class ExportSlots {
  readonly #limits: Pick<ServerLimits, 'maxExports' | 'maxExportsPerViewer'>;
  readonly #countByViewer = new Map<string, number>();
  #count = 0;

  constructor(limits: Pick<ServerLimits, 'maxExports' | 'maxExportsPerViewer'>) {
    this.#limits = limits;
  }

  /** Gives back what ends it, any number of times. @throws Problem `too-busy` */
  take(viewerName: string): () => void {
    const own = this.#countByViewer.get(viewerName) ?? 0;
    const { maxExports, maxExportsPerViewer } = this.#limits;
    if (this.#count >= maxExports || own >= maxExportsPerViewer)
      throw new Problem('too-busy', 'Too many files are being made: try again when one is done.', {
        headers: { 'Retry-After': '10' },
      });
    this.#count++;
    this.#countByViewer.set(viewerName, own + 1);
    let isTaken = true;
    return () => {
      if (!isTaken) return;
      isTaken = false;
      this.#count--;
      const left = (this.#countByViewer.get(viewerName) ?? 1) - 1;
      if (left > 0) this.#countByViewer.set(viewerName, left);
      else this.#countByViewer.delete(viewerName);
    };
  }
}
