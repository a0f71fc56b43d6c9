// A number out of a message: a path of names and places into JSON (`ENERGY.Total`, `sensors.0.value`),
// or the message itself where the path is empty.

/** Longer is no message of a sensor. */
export const MAX_MESSAGE_BYTES: number = 64 * 1024;

/** The message as JSON, or the text itself where it is none; undefined where it is too long. */
export function parseMessage(payload: Uint8Array): unknown {
  if (payload.length > MAX_MESSAGE_BYTES) return undefined;
  const text = new TextDecoder().decode(payload);
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** The number at the path, also where it is written as text; undefined where there is none. */
export function numberAt(message: unknown, path: string): number | undefined {
  const found = valueAt(message, path);
  if (typeof found === 'number') return found;
  // Number('') is 0, and a missing value is not.
  if (typeof found !== 'string' || !/^\s*[+-]?\d{1,18}(?:\.\d{1,18})?\s*$/u.test(found))
    return undefined;
  return Number(found);
}

export function textAt(message: unknown, path: string): string | undefined {
  const found = valueAt(message, path);
  return typeof found === 'string' && found.length > 0 && found.length <= 64 ? found : undefined;
}

function valueAt(message: unknown, path: string): unknown {
  let value = message;
  for (const name of path === '' ? [] : path.split('.')) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name))
      return undefined;
    value = (value as Record<string, unknown>)[name];
  }
  return value;
}
