// What is wrong with the sources of a configuration though each of their fields is right.

import { FileError } from '../files/file-error.ts';
import type { SourceConfig, TelegramSourceConfig } from './source-config.ts';
import { tracksOf } from './track-name.ts';

/** @throws FileError */
export function checkSources(sources: readonly SourceConfig[], file: string): void {
  const refuse = (field: string, expected: string, found: string): never => {
    throw new FileError('bad-value', { file, field, expected, found });
  };
  const names = new Set<string>();
  const ports = new Set<string>();
  const before = 'one that is there before';
  for (const [index, source] of sources.entries()) {
    const at = `sources.${index}`;
    if (names.has(source.name)) refuse(`${at}.name`, 'each name once', before);
    names.add(source.name);
    const tracks = tracksOf({ sources: [source] });
    if (new Set(tracks).size < tracks.length)
      refuse(at, 'each register of a meter once', `one that two topics take`);
    if (source.kind === 'mqtt') continue;
    if ('path' in source && source.kind !== 'file') {
      if (ports.has(source.path)) refuse(`${at}.path`, 'each port once', before);
      ports.add(source.path);
    }
    if (source.kind !== 'modbus') checkTelegrams(source, at, refuse);
  }
}

function checkTelegrams(
  source: TelegramSourceConfig,
  at: string,
  refuse: (field: string, expected: string, found: string) => never,
): void {
  const { protocol, points, pulsQty } = source;
  const others = `protocol ${protocol}`;
  if (points !== undefined && protocol !== 'knx') refuse(`${at}.points`, 'protocol knx', others);
  if (pulsQty !== undefined && protocol !== 'iec61850')
    refuse(`${at}.pulsQty`, 'protocol iec61850', others);
  if (source.kind === 'file' || source.kind === 'udp') return;
  const { request } = source;
  const dialogue = source.kind === 'serial' ? source.signOn : undefined;
  if (dialogue !== undefined && protocol !== 'iec62056-21')
    refuse(`${at}.signOn`, 'protocol iec62056-21', others);
  if (dialogue !== undefined && request !== undefined)
    refuse(at, 'either "request" or "signOn"', 'both');
  const everySeconds = (dialogue ?? request)?.everySeconds ?? 0;
  if (everySeconds >= source.silentAfterSeconds)
    refuse(
      `${at}.silentAfterSeconds`,
      `more than everySeconds, ${everySeconds}`,
      `${source.silentAfterSeconds}`,
    );
}
