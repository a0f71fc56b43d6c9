// A meter's frame taken apart (design.md section 4), so that a reader can find each field in its bytes.

export interface FrameField {
  readonly label: string;
  readonly hex: string;
}

const HEADER = [
  ['version', 1],
  ['channels', 1],
  ['slot', 4],
  ['interval', 4],
] as const;
const TAG_BYTES = 16;
const WORD_BYTES = 8;

/** The fields in order; one field of all the bytes where they are no frame of version 1. */
export function frameFields(hex: string): FrameField[] {
  const whole = [{ label: 'frame', hex }];
  const byteCount = hex.length / 2;
  const wordCount = (byteCount - 10 - TAG_BYTES) / WORD_BYTES;
  const isFrame = /^([0-9a-f]{2})+$/i.test(hex) && hex.startsWith('01');
  if (!isFrame || !Number.isInteger(wordCount) || wordCount < 1 || wordCount > 8) return whole;
  if (bitCount(Number.parseInt(hex.slice(2, 4), 16)) !== wordCount) return whole;

  const fields: FrameField[] = [];
  let offset = 0;
  const take = (label: string, bytes: number): void => {
    fields.push({ label, hex: hex.slice(offset, offset + 2 * bytes) });
    offset += 2 * bytes;
  };
  for (const [label, bytes] of HEADER) take(label, bytes);
  for (let i = 0; i < wordCount; i++) take('masked word', WORD_BYTES);
  take('tag', TAG_BYTES);
  return fields;
}

function bitCount(byte: number): number {
  let count = 0;
  for (let rest = byte; rest > 0; rest >>= 1) count += rest & 1;
  return count;
}
