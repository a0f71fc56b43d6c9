// A meter's telegrams from a serial port.

import type { Protocol } from '../decode/telegram.ts';
import { askAgain, type RequestOptions, readStream } from './read-stream.ts';
import { type LineSettings, openSerialPort, type Parity } from './serial-port.ts';
import { type SignOnOptions, startSignOn } from './sign-on.ts';
import type { RunSource } from './source.ts';
import { createTelegramReader, type TelegramReaderOptions } from './telegram-reader.ts';

export interface SerialOptions extends TelegramReaderOptions {
  /** `/dev/ttyUSB0`, or better `/dev/serial/by-id/…`, which survives replugging. */
  readonly path: string;
  readonly baud: number;
  readonly parity: Parity;
  readonly silentAfterSeconds: number;
  readonly request?: RequestOptions | undefined;
  /** Instead of a request: IEC 62056-21 with its change of speed. `baud` is that of the request. */
  readonly signOn?: SignOnOptions | undefined;
}

/** What the standards say, or what meters do where they say nothing. */
const LINES: Readonly<Record<Protocol, LineSettings>> = {
  sml: { baud: 9600, parity: '8N1' },
  'iec62056-21': { baud: 9600, parity: '7E1' },
  'dsmr-p1': { baud: 115_200, parity: '8N1' },
  dlms: { baud: 2400, parity: '8E1' },
  'linky-tic': { baud: 1200, parity: '7E1' },
  mbus: { baud: 2400, parity: '8E1' },
  wmbus: { baud: 115_200, parity: '8N1' },
  c1219: { baud: 9600, parity: '8N1' },
  osgp: { baud: 9600, parity: '8N1' },
  knx: { baud: 19_200, parity: '8E1' },
  // Of networks: over a serial line only where somebody relays them.
  iec61850: { baud: 115_200, parity: '8N1' },
  'ieee2030-5': { baud: 115_200, parity: '8N1' },
};

export function lineDefaults(protocol: Protocol): LineSettings {
  return LINES[protocol];
}

export function serialSource(options: SerialOptions): RunSource {
  return async (sink, signal) => {
    const { path, baud, parity, silentAfterSeconds, signOn } = options;
    const port = await openSerialPort(path, { baud, parity });
    const { stream } = port;
    try {
      sink.connected();
      const reader = createTelegramReader(options, sink);
      const write = (text: string) => port.write(Buffer.from(text, 'latin1'));
      if (signOn === undefined) {
        using _asking = askAgain(write, options.request);
        await readStream(stream, reader, signal, silentAfterSeconds);
      } else {
        const { setSpeed } = port;
        using dialogue = startSignOn({ ...signOn, baud, write, setSpeed, reader, sink });
        dialogue.failed.catch((error: Error) => stream.destroy(error));
        await readStream(stream, dialogue, signal, silentAfterSeconds);
      }
    } finally {
      stream.destroy();
    }
  };
}
