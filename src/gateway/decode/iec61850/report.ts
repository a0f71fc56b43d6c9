// An MMS information report (ISO 9506-2) as IEC 61850-8-1 maps reports to it (section 17.2, report
// format): the variable list is `RPT`, and its values are the report's id, its options, what the
// options announce, the inclusion bits, the references of what is included, their values, and the
// reasons. A report of named variables is taken too.

import { type Damage, damage } from '../telegram.ts';
import { asciiText } from '../text.ts';
import { childrenOf, readNode } from './ber.ts';
import { INFORMATION_REPORT, UNCONFIRMED, unwrapMessage } from './envelope.ts';
import { type MmsValue, readValue } from './mms-value.ts';

export interface ReportedValue {
  /** As sent, `LD0/MMTR1$ST$TotWh`; undefined where the report does not say. */
  readonly reference?: string;
  readonly value: MmsValue;
}

export interface Report {
  readonly kind: 'report';
  readonly time?: string;
  readonly values: readonly ReportedValue[];
}

/** Bits of OptFlds. */
const SEQUENCE_NUMBER = 1;
const TIME_OF_ENTRY = 2;
const DATA_SET = 4;
const REFERENCES = 5;
const OVERFLOW = 6;
const ENTRY_ID = 7;
const REVISION = 8;
const SEGMENTATION = 9;
const VARIABLE_LIST = 0xa1;
const VARIABLES = 0xa0;
const VMD_SPECIFIC = 0x80;
const DOMAIN_SPECIFIC = 0xa1;
const RESULTS = 0xa0;

export function readReport(piece: Uint8Array): Report | Damage {
  const bytes = unwrapMessage(piece);
  if (!(bytes instanceof Uint8Array)) return bytes;
  const pdu = readNode(bytes, 0, bytes.length);
  if (pdu === undefined)
    return damage('cut-short', 'expected a whole MMS message, found its beginning');
  const service = pdu.tag === UNCONFIRMED ? readNode(bytes, pdu.start, pdu.end) : undefined;
  if (service?.tag !== INFORMATION_REPORT)
    return damage(
      'unsupported',
      `expected an information report, found the MMS message 0x${pdu.tag.toString(16)}`,
    );
  const [access, results] = childrenOf(bytes, service) ?? [];
  if (access === undefined || results?.tag !== RESULTS)
    return damage('bad-structure', 'expected variables and their values, found neither', 2);
  const values: MmsValue[] = [];
  for (const node of childrenOf(bytes, results) ?? []) {
    const value = readValue(bytes, node);
    if (value === undefined)
      return damage(
        'bad-structure',
        `expected a value of MMS, found none under the tag 0x${node.tag.toString(16)}`,
        node.start,
      );
    values.push(value);
  }
  if (access.tag === VARIABLES) return namedReport(values, variableNames(bytes, access));
  const list = readNode(bytes, access.start, access.end);
  const isReport =
    access.tag === VARIABLE_LIST &&
    list?.tag === VMD_SPECIFIC &&
    asciiText(bytes, list.start, list.end) === 'RPT';
  if (!isReport) return { kind: 'report', values: values.map((value) => ({ value })) };
  return iecReport(values);
}

function iecReport(values: readonly MmsValue[]): Report | Damage {
  const [, options] = values;
  if (options?.kind !== 'bits') return damage('bad-structure', 'expected OptFlds, found none', 2);
  const has = (bit: number): boolean => options.bits[bit] === true;
  let at = 2;
  if (has(SEQUENCE_NUMBER)) at++;
  const entry = has(TIME_OF_ENTRY) ? values[at++] : undefined;
  for (const bit of [DATA_SET, OVERFLOW, ENTRY_ID, REVISION]) if (has(bit)) at++;
  if (has(SEGMENTATION)) at += 2;
  const inclusion = values[at++];
  if (inclusion?.kind !== 'bits')
    return damage('bad-structure', 'expected the inclusion bits, found none', 2);
  const count = inclusion.bits.filter((bit) => bit).length;
  const references = has(REFERENCES) ? values.slice(at, at + count) : [];
  at += references.length;
  const data = values.slice(at, at + count);
  if (data.length < count)
    return damage('bad-structure', `expected ${count} values, found ${data.length}`, 2);
  const time = entry?.kind === 'time' ? entry.time : undefined;
  return {
    kind: 'report',
    ...(time !== undefined && { time }),
    values: data.map((value, index) => {
      const reference = references[index];
      return reference?.kind === 'text' ? { reference: reference.text, value } : { value };
    }),
  };
}

function namedReport(values: readonly MmsValue[], names: readonly (string | undefined)[]): Report {
  return {
    kind: 'report',
    values: values.map((value, index) => {
      const reference = names[index];
      return reference === undefined ? { value } : { reference, value };
    }),
  };
}

/** SEQUENCE { name [0] { domain-specific [1] { domain, item } } } of each variable. */
function variableNames(
  bytes: Uint8Array,
  access: { tag: number; start: number; end: number },
): (string | undefined)[] {
  return (childrenOf(bytes, access) ?? []).map((variable) => {
    const [name] = childrenOf(bytes, variable) ?? [];
    const object = name && readNode(bytes, name.start, name.end);
    if (object?.tag !== DOMAIN_SPECIFIC) return undefined;
    const [domain, item] = childrenOf(bytes, object) ?? [];
    if (domain === undefined || item === undefined) return undefined;
    return `${asciiText(bytes, domain.start, Math.min(domain.end, domain.start + 129))}/${asciiText(bytes, item.start, Math.min(item.end, item.start + 129))}`;
  });
}
