// SML messages of a file (SML 1.04, sections 5 and 6.2): their bodies, and in a GetListResponse its
// entries. Other bodies (open, close, attention) hold no reading.

import { CRC16_KERMIT, CRC16_X25, crc16 } from '../crc16.ts';
import { type Damage, damage } from '../telegram.ts';
import { readNode, type SmlNode } from './tree.ts';

export interface SmlEntry {
  readonly name: Uint8Array;
  readonly status: SmlNode;
  readonly time: SmlNode;
  readonly unit: SmlNode;
  readonly scaler: SmlNode;
  readonly value: SmlNode;
}

export interface SmlList {
  readonly serverId: SmlNode;
  readonly sensorTime: SmlNode;
  readonly gatewayTime: SmlNode;
  readonly entries: readonly SmlEntry[];
}

export interface SmlMessages {
  readonly kind: 'messages';
  readonly lists: readonly SmlList[];
  /** The server id of an open response, for meters whose list has none. */
  readonly openServerId: SmlNode | undefined;
  readonly bodyTags: readonly number[];
  /** Of the messages' own checksums, the worst. */
  readonly checksum: 'x25' | 'kermit' | 'none';
}

const OPEN_RESPONSE = 0x0101;
const GET_LIST_RESPONSE = 0x0701;
const MESSAGE_FIELDS = 6;
const LIST_RESPONSE_FIELDS = 7;
const ENTRY_FIELDS = 7;
const CHECKSUM_FIELD = 4;

export function readMessages(content: Uint8Array): SmlMessages | Damage {
  const cursor = { bytes: content, at: 0 };
  const lists: SmlList[] = [];
  const bodyTags: number[] = [];
  let openServerId: SmlNode | undefined;
  let checksum: SmlMessages['checksum'] = 'x25';
  while (cursor.at < content.length) {
    const start = cursor.at;
    const message = readNode(cursor);
    // Padding that the transport did not count.
    if (message.kind === 'end') continue;
    if (message.kind === 'failure') return damage('bad-structure', message.detail, message.offset);
    const read = readMessage(message);
    if (read.kind === 'damage') return read;
    checksum = worse(checksum, checksumOf(content, start, read.checksum));
    bodyTags.push(read.tag);
    if (read.tag === OPEN_RESPONSE) openServerId = itemsOf(read.body)[3];
    if (read.tag !== GET_LIST_RESPONSE) continue;
    const list = readListResponse(read.body);
    if ('kind' in list) return list;
    lists.push(list);
  }
  return { kind: 'messages', lists, openServerId, bodyTags, checksum };
}

interface Message {
  readonly kind: 'message';
  readonly tag: number;
  readonly body: SmlNode;
  readonly checksum: SmlNode;
}

function readMessage(node: SmlNode): Message | Damage {
  const items = itemsOf(node);
  const choice = itemsOf(items[3]);
  const [tag, body] = choice;
  const checksum = items[CHECKSUM_FIELD];
  const isWhole =
    items.length === MESSAGE_FIELDS &&
    items[5]?.kind === 'end' &&
    tag?.kind === 'number' &&
    body !== undefined &&
    checksum !== undefined;
  if (!isWhole)
    return damage('bad-structure', 'expected an SML message, found something else', node.offset);
  return { kind: 'message', tag: Number(tag.value), body, checksum };
}

/** Over the message's bytes before its checksum field. Two encodings of the two bytes are in use. */
function checksumOf(content: Uint8Array, start: number, field: SmlNode): SmlMessages['checksum'] {
  if (field.kind !== 'number' || field.byteLength > 2) return 'none';
  const sent = Number(field.value);
  const swapped = ((sent & 0xff) << 8) | (sent >>> 8);
  const x25 = crc16(CRC16_X25, content, start, field.offset);
  if (swapped === x25) return 'x25';
  const kermit = crc16(CRC16_KERMIT, content, start, field.offset);
  return swapped === kermit || sent === kermit ? 'kermit' : 'none';
}

function readListResponse(body: SmlNode): SmlList | Damage {
  const items = itemsOf(body);
  const values = items[4];
  if (items.length !== LIST_RESPONSE_FIELDS || values?.kind !== 'list')
    return damage('bad-structure', 'expected a list of values, found something else', body.offset);
  const entries: SmlEntry[] = [];
  for (const item of values.items) {
    const fields = itemsOf(item);
    const [name, status, time, unit, scaler, value] = fields;
    if (fields.length !== ENTRY_FIELDS || name?.kind !== 'bytes' || value === undefined)
      return damage('bad-structure', 'expected a list entry, found something else', item.offset);
    entries.push({
      name: name.bytes,
      status: status as SmlNode,
      time: time as SmlNode,
      unit: unit as SmlNode,
      scaler: scaler as SmlNode,
      value,
    });
  }
  return {
    serverId: items[1] as SmlNode,
    sensorTime: items[3] as SmlNode,
    gatewayTime: items[6] as SmlNode,
    entries,
  };
}

function worse(a: SmlMessages['checksum'], b: SmlMessages['checksum']): SmlMessages['checksum'] {
  const order = ['x25', 'kermit', 'none'] as const;
  return order[Math.max(order.indexOf(a), order.indexOf(b))] as SmlMessages['checksum'];
}

function itemsOf(node: SmlNode | undefined): readonly SmlNode[] {
  return node?.kind === 'list' ? node.items : [];
}
