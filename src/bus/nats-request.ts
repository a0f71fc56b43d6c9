// Requests and answers over NATS. A large answer goes in chunks; after every window of them the
// responder waits until the requester has taken the window, so that a slow requester is not cut off
// by the server as a slow consumer.

import type { Msg } from '@nats-io/transport-node';
import { AnswerAssembler, encodeAnswer, encodeRefusal } from './answer-chunks.ts';
import { BusError } from './errors.ts';
import { type NatsLink, toBusError } from './nats-connection.ts';
import { isNoResponders } from './nats-inbox.ts';
import type { RequestOptions } from './port.ts';

const WINDOW_CHUNKS = 8;
const WINDOW_TIMEOUT_MS = 10_000;
const INBOX = '_INBOX.';

export async function requestOverNats(
  link: NatsLink,
  subject: string,
  data: Uint8Array,
  options: RequestOptions,
): Promise<Uint8Array> {
  if (options.signal?.aborted) throw new BusError('aborted', `request on ${subject} aborted`);
  await link.ready(options.timeoutMs, options.signal);
  const { promise, resolve, reject } = Promise.withResolvers<Uint8Array>();
  const assembler = new AnswerAssembler();
  const address = link.answers.open((message) => {
    if (isNoResponders(message)) {
      reject(new BusError('no-responders', `nobody answers on ${subject}`));
      return;
    }
    const result = assembler.take(message.data);
    if (result.kind === 'complete') resolve(result.data);
    else if (result.kind === 'refused') reject(result.error);
    if (message.reply?.startsWith(INBOX)) link.connection.publish(message.reply);
  });
  const timer = setTimeout(
    () => reject(new BusError('timeout', `no answer on ${subject} in ${options.timeoutMs} ms`)),
    options.timeoutMs,
  );
  const onAbort = () => reject(new BusError('aborted', `request on ${subject} aborted`));
  const onClosing = () => reject(new BusError('closed', 'the bus was disposed'));
  options.signal?.addEventListener('abort', onAbort, { once: true });
  link.closing.addEventListener('abort', onClosing, { once: true });
  const stopListening = link.onForbidden((refused) => {
    if (refused !== subject) return;
    reject(new BusError('forbidden', `the server refuses to publish ${subject} for us`));
  });
  try {
    link.connection.publish(subject, data, { reply: address.subject });
    return await promise;
  } catch (error) {
    throw toBusError(error, `cannot request ${subject}`);
  } finally {
    clearTimeout(timer);
    address.close();
    stopListening();
    options.signal?.removeEventListener('abort', onAbort);
    link.closing.removeEventListener('abort', onClosing);
  }
}

/** Answers one request; never throws: what cannot be answered is told to the requester. */
export async function answerOverNats(
  link: NatsLink,
  request: Msg,
  handler: (message: { subject: string; data: Uint8Array }) => Promise<Uint8Array>,
): Promise<void> {
  const { reply } = request;
  // A reply subject is the requester's choice, and we publish with our own rights: so to inboxes only.
  if (!reply?.startsWith(INBOX)) return;
  try {
    const data = await handler({ subject: request.subject, data: request.data });
    await sendAnswer(link, reply, data);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    if (!link.connection.isClosed()) link.connection.publish(reply, encodeRefusal(message));
  }
}

async function sendAnswer(link: NatsLink, reply: string, data: Uint8Array): Promise<void> {
  let count = 0;
  for (const part of encodeAnswer(data)) {
    if (++count % WINDOW_CHUNKS === 0) {
      await link.connection.request(reply, part, { timeout: WINDOW_TIMEOUT_MS });
    } else {
      link.connection.publish(reply, part);
    }
  }
}
