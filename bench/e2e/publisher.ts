// The meters' side of the benches on the bus, in a process of its own. Its parent tells it what to
// send and how; it answers with the seconds that it took.

import { readFile } from 'node:fs/promises';
import { connect } from '@nats-io/transport-node';
import { connectNats } from '../../src/bus/nats-bus.ts';
import type { BusMessage } from '../../src/bus/port.ts';

/** `file` holds messages as `encodeMessages` wrote them; `durable` waits for JetStream's acknowledgements. */
export interface PublishOrder {
  readonly file: string;
  readonly isDurable: boolean;
}

const url = process.argv[2] as string;
const connection = await connect({ servers: url });
const bus = await connectNats({ url, name: 'bench publisher' });
/** Sent between two flushes: so much the client buffers. */
const FLUSH_EVERY_BYTES: number = 4 * 2 ** 20;
/** Unacknowledged at a time. */
const WINDOW = 50_000;

process.on('message', (order: PublishOrder) => {
  void publish(order).then(
    (seconds) => process.send?.({ seconds }),
    (error: unknown) => process.send?.({ error: String(error) }),
  );
});
process.send?.({ ready: true });

async function publish({ file, isDurable }: PublishOrder): Promise<number> {
  const messages = decodeMessages(await readFile(file));
  const startMs = performance.now();
  if (isDurable) {
    for (let at = 0; at < messages.length; at += WINDOW) {
      for (const outcome of await bus.appendAll(messages.slice(at, at + WINDOW)))
        if (outcome.kind === 'failed') throw outcome.error;
    }
  } else {
    let bytes = 0;
    for (const { subject, data } of messages) {
      connection.publish(subject, data);
      bytes += data.length;
      if (bytes < FLUSH_EVERY_BYTES) continue;
      bytes = 0;
      await connection.flush();
    }
    await connection.flush();
  }
  return (performance.now() - startMs) / 1000;
}

/** u32 subject length, u32 data length, subject, data; one after another. */
function decodeMessages(bytes: Buffer): BusMessage[] {
  const messages: BusMessage[] = [];
  for (let at = 0; at < bytes.length; ) {
    const subjectEnd = at + 8 + bytes.readUInt32LE(at);
    const end = subjectEnd + bytes.readUInt32LE(at + 4);
    messages.push({
      subject: bytes.toString('latin1', at + 8, subjectEnd),
      data: bytes.subarray(subjectEnd, end),
    });
    at = end;
  }
  return messages;
}
