// A few jobs at a time, those that somebody waits for first, and of all the last that was asked for:
// whoever scrolls through a day looks at what it asked for last.

interface Job {
  readonly key: string;
  isBackground: boolean;
  readonly start: () => void;
  readonly refuse: (error: Error) => void;
}

export class ZoomQueue implements AsyncDisposable {
  readonly #maxRunning: number;
  readonly #waiting: Job[] = [];
  readonly #running = new Set<Promise<unknown>>();
  #isClosed = false;

  constructor(maxRunning: number) {
    this.#maxRunning = maxRunning;
  }

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
    });
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
