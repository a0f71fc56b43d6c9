// A meter's telegrams from datagrams: KNXnet/IP routing, which every interface of a KNX installation
// sends to one multicast group, and whatever else is sent to a port of ours.

import { createSocket, type Socket } from 'node:dgram';
import { MAX_BYTES_PER_SECOND } from './pace.ts';
import { type RunSource, SourceError, type SourceSink } from './source.ts';
import { createTelegramReader, type TelegramReaderOptions } from './telegram-reader.ts';

export interface UdpOptions extends TelegramReaderOptions {
  /** Ours, to listen at. */
  readonly host: string;
  readonly port: number;
  /** `224.0.23.12` is KNX's. */
  readonly group?: string | undefined;
  readonly silentAfterSeconds: number;
}

export function udpSource(options: UdpOptions): RunSource {
  return async (sink, signal) => {
    if (signal.aborted) return;
    const socket = createSocket({ type: 'udp4', reuseAddr: true });
    try {
      await open(socket, options);
      sink.connected();
      await listen(socket, options, sink, signal);
    } finally {
      socket.close();
    }
  };
}

async function open(socket: Socket, { host, port, group }: UdpOptions): Promise<void> {
  try {
    await new Promise<void>((resolve, reject) => {
      socket.once('error', reject);
      socket.bind({ address: host, port }, resolve);
    });
    if (group !== undefined) socket.addMembership(group, host === '0.0.0.0' ? undefined : host);
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    throw new SourceError(`cannot listen at ${host}:${port}: ${code ?? message}`, { cause });
  }
}

function listen(
  socket: Socket,
  options: UdpOptions,
  sink: SourceSink,
  signal: AbortSignal,
): Promise<void> {
  const { silentAfterSeconds } = options;
  let silence: NodeJS.Timeout | undefined;
  let refill: NodeJS.Timeout | undefined;
  let left = MAX_BYTES_PER_SECOND;
  return new Promise<void>((resolve, reject) => {
    silence = setTimeout(
      () => reject(new SourceError(`nothing came for ${silentAfterSeconds} s`)),
      silentAfterSeconds * 1000,
    );
    refill = setInterval(() => {
      left = MAX_BYTES_PER_SECOND;
    }, 1000);
    signal.addEventListener('abort', () => resolve(), { once: true });
    // While the socket was being opened.
    if (signal.aborted) resolve();
    socket.on('error', (cause) =>
      reject(new SourceError(`the socket: ${cause.message}`, { cause })),
    );
    socket.on('message', (bytes) => {
      silence?.refresh();
      left -= bytes.length;
      // A sender of datagrams cannot be made to wait.
      if (left < 0) sink.refused('too-fast');
      // What a datagram begins no other one ends.
      else createTelegramReader(options, sink).receive(bytes);
    });
  }).finally(() => {
    clearTimeout(silence);
    clearInterval(refill);
    socket.removeAllListeners('message');
  });
}
