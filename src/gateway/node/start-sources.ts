// The sources of a configuration, each under supervision of its own.

import { readSecretText } from '../../runtime/node-config.ts';
import { createIec61850Decoder } from '../decode/iec61850/iec61850.ts';
import { createKnxDecoder, type KnxPoint } from '../decode/knx/knx.ts';
import { decoderOf } from '../decode/registry.ts';
import type { DecodeOptions, Decoder } from '../decode/telegram.ts';
import { readMeterKey } from '../meter-key.ts';
import type { SourceConfig, TelegramSourceConfig } from '../source-config.ts';
import { fileSource } from '../sources/file.ts';
import { modbusSource } from '../sources/modbus.ts';
import { mqttSource } from '../sources/mqtt.ts';
import { lineDefaults, serialSource } from '../sources/serial.ts';
import type { LineSettings } from '../sources/serial-port.ts';
import { SIGN_ON_BAUD } from '../sources/sign-on.ts';
import type { Measurement, RunSource } from '../sources/source.ts';
import { type SupervisedSource, superviseSource } from '../sources/supervise.ts';
import { tcpSource } from '../sources/tcp.ts';
import { udpSource } from '../sources/udp.ts';

export interface StartSourcesOptions {
  readonly sources: readonly SourceConfig[];
  readonly nowMs: () => number;
  readonly onMeasured: (source: string, measurement: Measurement) => void;
  readonly say?: ((line: string) => void) | undefined;
  readonly firstPauseMs?: number | undefined;
}

/** Keys are read before anything starts. @throws FileError */
export async function startSources(
  options: StartSourcesOptions,
): Promise<readonly SupervisedSource[]> {
  const runs: (readonly [SourceConfig, RunSource])[] = [];
  for (const source of options.sources) runs.push([source, await runOf(source)]);
  return runs.map(([{ name, kind }, run]) =>
    superviseSource({
      ...{ name, kind, run, nowMs: options.nowMs },
      onMeasured: (measurement) => options.onMeasured(name, measurement),
      say: (text) => options.say?.(`${name}: ${text}`),
      ...(options.firstPauseMs === undefined ? {} : { firstPauseMs: options.firstPauseMs }),
    }),
  );
}

async function runOf(source: SourceConfig): Promise<RunSource> {
  if (source.kind === 'modbus') return modbusSource(source);
  if (source.kind === 'mqtt') {
    const { passwordFile } = source;
    const password = passwordFile === undefined ? undefined : await readSecretText(passwordFile);
    return mqttSource({ ...source, password });
  }
  const more = {
    decoder: decoderFor(source),
    decode: await decodeOptions(source),
    isMixed: source.protocol === 'knx',
  };
  switch (source.kind) {
    case 'serial':
      return serialSource({ ...source, ...more, ...lineOf(source) });
    case 'tcp':
      return tcpSource({ ...source, ...more });
    case 'udp':
      return udpSource({ ...source, ...more });
    case 'file':
      return fileSource({ ...source, ...more });
  }
}

/** A dialogue begins at 300 baud (IEC 62056-21, 6.3.1). */
function lineOf(source: Extract<SourceConfig, { kind: 'serial' }>): LineSettings {
  const { baud, parity } = lineDefaults(source.protocol);
  const usual = source.signOn === undefined ? baud : SIGN_ON_BAUD;
  return { baud: source.baud ?? usual, parity: source.parity ?? parity };
}

function decoderFor({ protocol, points, pulsQty }: TelegramSourceConfig): Decoder {
  if (protocol === 'knx' && points !== undefined)
    return createKnxDecoder(
      new Map(
        Object.entries(points).map(([address, { type, direction }]): [string, KnxPoint] => [
          address,
          { type, ...(direction !== undefined && { direction }) },
        ]),
      ),
    );
  if (protocol === 'iec61850') return createIec61850Decoder(pulsQty);
  const decoder = decoderOf(protocol);
  if (decoder === undefined)
    throw new RangeError(`protocol: expected one with a decoder, found ${protocol}`);
  return decoder;
}

async function decodeOptions({
  keyFile,
  authKeyFile,
  checksums,
}: TelegramSourceConfig): Promise<DecodeOptions> {
  const key = keyFile === undefined ? undefined : await readMeterKey(keyFile);
  const authKey = authKeyFile === undefined ? undefined : await readMeterKey(authKeyFile);
  return {
    checksums,
    ...(key === undefined ? {} : { key }),
    ...(authKey === undefined ? {} : { authKey }),
  };
}
