// One Atom entry of a Green Button feed (NAESB REQ.21, ESPI) as plain values.

import { XMLParser, XMLValidator } from 'fast-xml-parser';
import { excerpt } from '../excerpt.ts';
import { FileError } from '../file-error.ts';
import type { XmlEntry } from './xml-entries.ts';

export interface EspiReading {
  /** As in the file; empty where it is not there. */
  readonly start: string;
  readonly duration: string;
  readonly value: string;
  readonly quality: string;
  readonly byteOffset: number;
}

export interface EspiBlock {
  readonly start: string;
  readonly readings: readonly EspiReading[];
}

export type EspiContent =
  | { readonly kind: 'usage-point'; readonly serviceKind: string }
  | { readonly kind: 'meter-reading' }
  | {
      readonly kind: 'reading-type';
      readonly uom: string;
      readonly powerOfTen: string;
      readonly flowDirection: string;
      readonly accumulation: string;
      readonly intervalLength: string;
    }
  | { readonly kind: 'interval-blocks'; readonly blocks: readonly EspiBlock[] }
  | { readonly kind: 'other' };

export interface EspiEntry {
  readonly self: string;
  readonly up: string;
  readonly related: readonly string[];
  readonly content: EspiContent;
  readonly byteOffset: number;
}

type Node = Readonly<Record<string, unknown>>;

const MAX_DEPTH = 24;
const LISTS = ['link', 'IntervalBlock', 'IntervalReading', 'ReadingQuality'];

const parser = new XMLParser({
  ignoreAttributes: false,
  attributeNamePrefix: '@',
  removeNSPrefix: true,
  parseTagValue: false,
  parseAttributeValue: false,
  processEntities: false,
  ignoreDeclaration: true,
  ignorePiTags: true,
  captureMetaData: true,
  maxNestedTags: MAX_DEPTH,
  isArray: (name) => LISTS.includes(name),
});
const META = XMLParser.getMetaDataSymbol() as unknown as symbol;

/** @throws FileError `bad-xml`. */
export function parseEspiEntry({ text, byteOffset }: XmlEntry, file: string): EspiEntry {
  const fail = (at: number, found: string, cause?: unknown): FileError =>
    new FileError('bad-xml', {
      file,
      byteOffset: at,
      expected: 'a well-formed entry',
      found,
      cause,
    });
  const valid = XMLValidator.validate(text);
  if (valid !== true) {
    const { line, col, msg } = valid.err;
    throw fail(byteOffset + offsetOf(text, line, col), excerpt(msg, { maxLength: 120 }));
  }
  let root: unknown;
  try {
    root = parser.parse(text);
  } catch (error) {
    throw fail(byteOffset, `one that is nested too deeply or cannot be read`, error);
  }
  const entry = nodeOf(nodeOf(root).entry);
  const links = listOf(entry.link).map(nodeOf);
  const hrefs = (rel: string): readonly string[] =>
    links.filter((link) => link['@rel'] === rel).map((link) => withoutEnd(textOf(link['@href'])));
  return {
    self: hrefs('self')[0] ?? '',
    up: hrefs('up')[0] ?? '',
    related: hrefs('related'),
    content: contentOf(nodeOf(entry.content), byteOffset),
    byteOffset,
  };
}

function contentOf(content: Node, byteOffset: number): EspiContent {
  if (content.UsagePoint !== undefined) {
    const { ServiceCategory } = nodeOf(content.UsagePoint);
    return { kind: 'usage-point', serviceKind: textOf(nodeOf(ServiceCategory).kind) };
  }
  if (content.MeterReading !== undefined) return { kind: 'meter-reading' };
  if (content.ReadingType !== undefined) {
    const type = nodeOf(content.ReadingType);
    return {
      kind: 'reading-type',
      uom: textOf(type.uom),
      powerOfTen: textOf(type.powerOfTenMultiplier),
      flowDirection: textOf(type.flowDirection),
      accumulation: textOf(type.accumulationBehaviour),
      intervalLength: textOf(type.intervalLength),
    };
  }
  if (content.IntervalBlock === undefined) return { kind: 'other' };
  const blocks = listOf(content.IntervalBlock)
    .map(nodeOf)
    .map((block) => ({
      start: textOf(nodeOf(block.interval).start),
      readings: listOf(block.IntervalReading).map((one) => readingOf(nodeOf(one), byteOffset)),
    }));
  return { kind: 'interval-blocks', blocks };
}

function readingOf(reading: Node, byteOffset: number): EspiReading {
  const period = nodeOf(reading.timePeriod);
  const meta = (reading as Readonly<Record<symbol, unknown>>)[META] as
    | { startIndex?: number }
    | undefined;
  const [quality] = listOf(reading.ReadingQuality);
  return {
    start: textOf(period.start),
    duration: textOf(period.duration),
    value: textOf(reading.value),
    quality: textOf(nodeOf(quality).quality),
    byteOffset: byteOffset + (meta?.startIndex ?? 0),
  };
}

function nodeOf(value: unknown): Node {
  const one = Array.isArray(value) ? value[0] : value;
  return typeof one === 'object' && one !== null ? (one as Node) : {};
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value.trim() : '';
}

function withoutEnd(href: string): string {
  return href.replace(/\/+$/, '');
}

function offsetOf(text: string, line: number, column: number): number {
  let at = 0;
  for (let i = 1; i < line; i++) at = text.indexOf('\n', at) + 1;
  return at + Math.max(column - 1, 0);
}
