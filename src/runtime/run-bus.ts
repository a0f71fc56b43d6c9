// The bus of one run in this process: in memory on the run's clock, or a namespace of its own on a
// real server, so that runs neither meet each other nor an operator's traffic.

import { MemoryBus } from '../bus/memory-bus.ts';
import { createNamespaceBus } from '../bus/namespace-bus.ts';
import { connectNats } from '../bus/nats-bus.ts';
import type { Bus } from '../bus/port.ts';

/** A bus for all parties of one run. */
export interface RunBus extends AsyncDisposable {
  /** A party's own connection; disposing the run's bus closes them all. */
  connect(): Promise<Bus>;
}

export type RunBusChoice =
  | { readonly kind: 'memory' }
  | { readonly kind: 'nats'; readonly url: string };

/** `nowMs` is the run's clock, `namespace` one bus token that no other run uses. */
export async function openRunBus(
  choice: RunBusChoice,
  nowMs: () => number,
  namespace: string,
): Promise<RunBus> {
  if (choice.kind === 'memory') {
    const bus = new MemoryBus({ nowMs });
    return {
      connect: async () => bus.connect(),
      [Symbol.asyncDispose]: () => bus[Symbol.asyncDispose](),
    };
  }
  await using opening = new AsyncDisposableStack();
  // The first connection creates the streams and says in one sentence where the server is not fit.
  opening.use(await connectNats({ url: choice.url, name: 'streetwatt', createStreams: true }));
  const opened = opening.move();
  return {
    connect: async () => {
      const bus = await connectNats({ url: choice.url, name: 'streetwatt', createStreams: false });
      return createNamespaceBus(opened.use(bus), namespace);
    },
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  };
}
