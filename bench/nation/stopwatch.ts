// What a piece of work took, and what it put on the wire, by name; added up over shards and workers.

export interface Measured {
  readonly ms: Record<string, number>;
  readonly cpuMs: number;
  readonly bytes: Record<string, number>;
}

export class Stopwatch {
  readonly #ms = new Map<string, number>();
  readonly #bytes = new Map<string, number>();
  #cpuMs = 0;

  time<T>(name: string, work: () => T): T {
    const cpu = process.threadCpuUsage();
    const start = performance.now();
    const result = work();
    this.#add(name, start, cpu);
    return result;
  }

  async timeAsync<T>(name: string, work: () => Promise<T>): Promise<T> {
    const cpu = process.threadCpuUsage();
    const start = performance.now();
    const result = await work();
    this.#add(name, start, cpu);
    return result;
  }

  send(name: string, byteCount: number): void {
    this.#bytes.set(name, (this.#bytes.get(name) ?? 0) + byteCount);
  }

  read(): Measured {
    return {
      ms: Object.fromEntries(this.#ms),
      cpuMs: this.#cpuMs,
      bytes: Object.fromEntries(this.#bytes),
    };
  }

  #add(name: string, start: number, before: { user: number; system: number }): void {
    this.#ms.set(name, (this.#ms.get(name) ?? 0) + performance.now() - start);
    const { user, system } = process.threadCpuUsage(before);
    this.#cpuMs += (user + system) / 1000;
  }
}

export const NOTHING_MEASURED: Measured = { ms: {}, cpuMs: 0, bytes: {} };

export function addMeasured(a: Measured, b: Measured): Measured {
  return { ms: addAll(a.ms, b.ms), cpuMs: a.cpuMs + b.cpuMs, bytes: addAll(a.bytes, b.bytes) };
}

export function sumOf(values: Record<string, number>): number {
  return Object.values(values).reduce((sum, value) => sum + value, 0);
}

function addAll(a: Record<string, number>, b: Record<string, number>): Record<string, number> {
  const sum = { ...a };
  for (const [name, value] of Object.entries(b)) sum[name] = (sum[name] ?? 0) + value;
  return sum;
}
