// The XML of a document as plain objects (IEEE 2030.5-2018, schema sep.xsd). No DTD, no entities:
// nothing of the standard has them, and they are how a small document becomes a large one.

import { XMLParser, XMLValidator } from 'fast-xml-parser';
import { type Damage, damage, MAX_NESTING } from '../telegram.ts';

export type XmlNode = Readonly<Record<string, unknown>>;

const parser = new XMLParser({
  ignoreAttributes: true,
  removeNSPrefix: true,
  parseTagValue: false,
  trimValues: true,
  processEntities: false,
  htmlEntities: false,
  ignoreDeclaration: true,
  ignorePiTags: true,
  maxNestedTags: MAX_NESTING,
});

export interface XmlDocument {
  readonly kind: 'document';
  readonly root: string;
  readonly node: XmlNode;
}

export function parseDocument(piece: Uint8Array): XmlDocument | Damage {
  const text = new TextDecoder().decode(piece);
  if (/<!(?:DOCTYPE|ENTITY|\[CDATA)/u.test(text))
    return damage('bad-structure', 'expected XML without DOCTYPE, entities and CDATA, found one');
  try {
    const valid = XMLValidator.validate(text);
    if (valid !== true)
      return damage(
        'bad-structure',
        `expected well-formed XML, found an error in line ${valid.err.line}`,
      );
    const parsed: unknown = parser.parse(text);
    for (const [root, node] of Object.entries(isNode(parsed) ? parsed : {}))
      return { kind: 'document', root, node: isNode(node) ? node : {} };
  } catch {
    // What the parser says may quote the document.
    return damage(
      'bad-structure',
      `expected XML of ${MAX_NESTING} levels at most, found what cannot be read`,
    );
  }
  return damage('bad-structure', 'expected an element, found none');
}

/** All children of that name, in order. */
export function nodesOf(node: XmlNode, name: string): readonly XmlNode[] {
  const child = Object.hasOwn(node, name) ? node[name] : undefined;
  return (Array.isArray(child) ? child : [child]).filter(isNode);
}

/** The text of a child without children. */
export function textOf(node: XmlNode, name: string): string | undefined {
  const child = Object.hasOwn(node, name) ? node[name] : undefined;
  const text = isNode(child) ? child['#text'] : child;
  return typeof text === 'string' && text !== '' ? text : undefined;
}

/** A whole number of a child. */
export function integerOf(node: XmlNode, name: string): number | undefined {
  const text = textOf(node, name);
  if (text === undefined || !/^[+-]?\d{1,15}$/u.test(text)) return undefined;
  return Number(text);
}

function isNode(value: unknown): value is XmlNode {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
