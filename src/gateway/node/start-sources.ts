// The sources of a configuration, each under supervision of its own.

import { readSecretText } from '../../runtime/node-config.ts';
import { decoderOf } from '../decode/registry.ts';
import type { DecodeOptions } from '../decode/telegram.ts';
import type { SourceConfig, TelegramSourceConfig } from '../gateway-config.ts';
import { readMeterKey } from '../meter-key.ts';
import { fileSource } from '../sources/file.ts';
import { modbusSource } from '../sources/modbus.ts';
import { mqttSource } from '../sources/mqtt.ts';
import { lineDefaults, serialSource } from '../sources/serial.ts';
import type { Measurement, RunSource } from '../sources/source.ts';
import { type SupervisedSource, superviseSource } from '../sources/supervise.ts';
import { tcpSource } from '../sources/tcp.ts';

export interface StartSourcesOptions {
  readonly sources: readonly SourceConfig[];
  readonly nowMs: () => number;
  readonly onMeasured: (source: string, measurement: Measurement) => void;
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
  const decoder = decoderOf(source.protocol);
  if (decoder === undefined)
    throw new RangeError(`protocol: expected one with a decoder, found ${source.protocol}`);
  const more = { decoder, decode: await decodeOptions(source) };
  switch (source.kind) {
    case 'serial':
      return serialSource({
        ...source,
        ...more,
        baud: source.baud ?? lineDefaults(source.protocol).baud,
        parity: source.parity ?? lineDefaults(source.protocol).parity,
      });
    case 'tcp':
      return tcpSource({ ...source, ...more });
    case 'file':
      return fileSource({ ...source, ...more });
  }
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
