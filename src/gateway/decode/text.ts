// Bytes of the ASCII protocols as text, one character a byte, whatever the byte.

const CHUNK = 8192;

export function asciiText(
  bytes: Uint8Array,
  start: number = 0,
  end: number = bytes.length,
): string {
  let text = '';
  for (let at = start; at < end; at += CHUNK)
    text += String.fromCharCode(...bytes.subarray(at, Math.min(end, at + CHUNK)));
  return text;
}

export function asciiBytes(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length);
  for (let at = 0; at < text.length; at++) bytes[at] = text.charCodeAt(at) & 0xff;
  return bytes;
}

/** Printable ASCII throughout, and something at all. */
export function isPrintableAscii(bytes: Uint8Array): boolean {
  return bytes.length > 0 && bytes.every((byte) => byte >= 0x20 && byte < 0x7f);
}
