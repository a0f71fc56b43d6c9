import { BusError } from './errors.ts';

/** The oldest server whose streams sync on write and expire many subjects in time. */
export const OLDEST_NATS_SERVER = '2.10.0';

/** True where `version` ("2.10.27", "v2.12.0-RC.1") is at least OLDEST_NATS_SERVER. */
export function isFitServerVersion(version: string): boolean {
  const [major = 0, minor = 0] = version.replace(/^v/, '').split('.').map(Number.parseFloat);
  return major > 2 || (major === 2 && minor >= 10);
}

export function checkServerVersion(version: string, options: { allowOldServer?: boolean }): void {
  if (options.allowOldServer || isFitServerVersion(version)) return;
  throw new BusError(
    'unavailable',
    `nats-server ${version} is too old: Streetwatt needs 2.10 or newer (older ones lose acknowledged messages and expire streams too late).`,
  );
}
