// ASN.1 BER (ISO/IEC 8825-1, section 8.1) as MMS uses it: tags of one byte, definite lengths. Bounded
// by the length of the input.

export interface BerNode {
  readonly tag: number;
  /** Of the content, in the bytes that were read. */
  readonly start: number;
  readonly end: number;
}

const HIGH_TAG = 0x1f;
const MAX_LENGTH_BYTES = 3;

/** undefined where there is none before `end`, or it reaches beyond it. */
export function readNode(bytes: Uint8Array, at: number, end: number): BerNode | undefined {
  const head = readHead(bytes, at, end);
  return head === undefined || head.end > end ? undefined : head;
}

/** As `readNode`, but the content may not be there yet. */
export function readHead(bytes: Uint8Array, at: number, end: number): BerNode | undefined {
  if (at + 2 > end) return undefined;
  const tag = bytes[at] as number;
  const first = bytes[at + 1] as number;
  if ((tag & HIGH_TAG) === HIGH_TAG) return undefined;
  if (first < 0x80) return { tag, start: at + 2, end: at + 2 + first };
  const count = first & 0x7f;
  if (count === 0 || count > MAX_LENGTH_BYTES || at + 2 + count > end) return undefined;
  let length = 0;
  for (let byte = 0; byte < count; byte++) length = length * 256 + (bytes[at + 2 + byte] as number);
  const start = at + 2 + count;
  return { tag, start, end: start + length };
}

/** All within the node; undefined where they do not fill it. */
export function childrenOf(
  bytes: Uint8Array,
  { start, end }: BerNode,
): readonly BerNode[] | undefined {
  const nodes: BerNode[] = [];
  for (let at = start; at < end; ) {
    const node = readNode(bytes, at, end);
    if (node === undefined) return undefined;
    nodes.push(node);
    at = node.end;
  }
  return nodes;
}
