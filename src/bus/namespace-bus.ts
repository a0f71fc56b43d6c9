// A bus of one's own on a shared server: every subject gets one more token behind its kind,
// `sw.v1.seal.es.123` becomes `sw.v1.seal.<namespace>.es.123`, within the same streams. So a replay
// or a demo can use an operator's server beside real traffic, and twice, without its first-wins
// seals being taken by an earlier run.

import type { Bus, BusMessage, StoredMessage } from './port.ts';

const KIND_TOKENS = 3;

export function createNamespaceBus(bus: Bus, namespace: string): Bus {
  const into = (subject: string): string => {
    const tokens = subject.split('.');
    tokens.splice(KIND_TOKENS, 0, namespace);
    return tokens.join('.');
  };
  const from = <Message extends BusMessage>(message: Message): Message => {
    const tokens = message.subject.split('.');
    tokens.splice(KIND_TOKENS, 1);
    return { ...message, subject: tokens.join('.') };
  };
  return {
    publish: (subject, data) => bus.publish(into(subject), data),
    subscribe: (pattern, handler) =>
      bus.subscribe(into(pattern), (message) => handler(from(message))),
    respond: (pattern, handler) => bus.respond(into(pattern), (message) => handler(from(message))),
    request: (subject, data, options) => bus.request(into(subject), data, options),
    append: (subject, data) => bus.append(into(subject), data),
    appendAll: (messages) =>
      bus.appendAll(messages.map(({ subject, data }) => ({ subject: into(subject), data }))),
    lastOn: async (stream, subject) => {
      const message = await bus.lastOn(stream, into(subject));
      return message && from<StoredMessage>(message);
    },
    replay: (stream, { pattern, ...options }, handler) =>
      bus.replay(
        stream,
        { ...options, pattern: into(pattern ?? `${ROOTS[stream]}.>`) },
        (message) => handler(from(message)),
      ),
    lastSeq: (stream) => bus.lastSeq(stream),
    [Symbol.asyncDispose]: () => bus[Symbol.asyncDispose](),
  };
}

const ROOTS = {
  READINGS: 'sw.v1.reading',
  SEALS: 'sw.v1.seal',
  TOTALS: 'sw.v1.total',
  LEDGER: 'sw.v1.ledger',
  RECEIPTS: 'sw.v1.receipt',
  NOTICES: 'sw.v1.notice',
} as const;
