// A meter's bytes from a TCP socket: ser2net, an adapter with a network port, `esp-link`.

import { connect, type Socket } from 'node:net';
import { askAgain, type RequestOptions, readStream } from './read-stream.ts';
import { type RunSource, SourceError } from './source.ts';
import { createTelegramReader, type TelegramReaderOptions } from './telegram-reader.ts';

const CONNECT_TIMEOUT_MS = 10_000;

export interface TcpOptions extends TelegramReaderOptions {
  readonly host: string;
  readonly port: number;
  readonly silentAfterSeconds: number;
  readonly request?: RequestOptions | undefined;
}

export function tcpSource(options: TcpOptions): RunSource {
  return async (sink, signal) => {
    const socket = await openSocket(options.host, options.port, signal);
    if (socket === undefined) return;
    sink.connected();
    using _asking = askAgain((text) => socket.write(text, 'latin1'), options.request);
    const reader = createTelegramReader(options, sink);
    await readStream(socket, reader, signal, options.silentAfterSeconds);
  };
}

/** undefined where it was stopped meanwhile. @throws SourceError */
export async function openSocket(
  host: string,
  port: number,
  signal: AbortSignal,
): Promise<Socket | undefined> {
  const socket = connect({ host, port });
  socket.setKeepAlive(true, 30_000);
  const end = () => void socket.destroy();
  signal.addEventListener('abort', end, { once: true });
  try {
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error('no answer')), CONNECT_TIMEOUT_MS);
      socket.once('connect', () => {
        clearTimeout(timer);
        resolve();
      });
      for (const event of ['error', 'close'] as const)
        socket.once(event, (cause) => {
          clearTimeout(timer);
          reject(cause instanceof Error ? cause : new Error('it was closed'));
        });
    });
  } catch (cause) {
    socket.on('error', () => {});
    socket.destroy();
    if (signal.aborted) return undefined;
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new SourceError(`cannot connect to ${host}:${port}: ${reason}`, { cause });
  } finally {
    signal.removeEventListener('abort', end);
  }
  if (!signal.aborted) return socket;
  socket.destroy();
  return undefined;
}
