// A few jobs at a time, those that somebody waits for first, and of all the last that was asked for:
// whoever scrolls through a day looks at what it asked for last.
//
// So many may wait and no more: whoever asks for thousands pushes out what it asked for first, which
// is what nobody waits for any more, and what goes on behind before anything else.

import { SourceBusyError } from '../map/source-busy.ts';

interface Job {
  readonly key: string;
  isBackground: boolean;
  readonly start: () => void;
  readonly refuse: (error: Error) => void;
}

export class ZoomQueue implements AsyncDisposable {
  readonly #maxRunning: number;
  readonly #maxWaiting: number;
  readonly #waiting: Job[] = [];
  readonly #running = new Set<Promise<unknown>>();
  #isClosed = false;

  constructor(maxRunning: number, maxWaiting: number) {
    this.#maxRunning = maxRunning;
    this.#maxWaiting = maxWaiting;
  }

  /** Rejects with `SourceBusyError` when it is pushed out. */
  run<T>(key: string, isBackground: boolean, work: () => Promise<T>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      const start = () => {
        const done = work().then(resolve, reject);
        this.#running.add(done);
        void done.finally(() => {
          this.#running.delete(done);
          this.#next();
        });
      };
      this.#waiting.push({ key, isBackground, start, refuse: reject });
      this.#next();
      if (this.#waiting.length > this.#maxWaiting) this.#pushOut();
    });
  }

  #pushOut(): void {
    const oldest = this.#waiting.findIndex((job) => job.isBackground);
    const [job] = this.#waiting.splice(Math.max(0, oldest), 1);
    job?.refuse(new SourceBusyError());
  }

  /** Somebody waits for it now. */
  promote(key: string): void {
    const at = this.#waiting.findIndex((job) => job.key === key);
    const job = this.#waiting[at];
    if (job === undefined) return;
    this.#waiting.splice(at, 1);
    job.isBackground = false;
    this.#waiting.push(job);
  }

  /** What waits is refused; what runs is waited for. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true;
    for (const job of this.#waiting.splice(0)) job.refuse(new Error('closed'));
    while (this.#running.size > 0) await Promise.all(this.#running);
  }

  #next(): void {
    while (!this.#isClosed && this.#running.size < this.#maxRunning) {
      // Where nobody waits for any, -1: the last.
      const wanted = this.#waiting.findLastIndex((job) => !job.isBackground);
      const [job] = this.#waiting.splice(wanted, 1);
      if (job === undefined) return;
      job.start();
    }
    if (this.#isClosed) for (const job of this.#waiting.splice(0)) job.refuse(new Error('closed'));
  }
}
