/** Lets others wait until a stream's messages up to some sequence were taken in. */
export class SequenceGate {
  #seq = 0;
  #waiters: { readonly seq: number; readonly resolve: () => void }[] = [];

  /** Everything up to this sequence is in. */
  pass(seq: number): void {
    this.#seq = seq;
    if (this.#waiters.length === 0) return;
    this.#waiters = this.#waiters.filter((waiter) => {
      if (waiter.seq > seq) return true;
      waiter.resolve();
      return false;
    });
  }

  async passed(seq: number): Promise<void> {
    if (this.#seq >= seq) return;
    await new Promise<void>((resolve) => this.#waiters.push({ seq, resolve }));
  }
}
