// Areas: the nodes of the tree, from a continent to a street (design.md section 2).
// An id is a path of tokens, `es/md/28079/centro/s0042` in files and `es.md.28079.centro.s0042`
// as a bus subject. Every token is checked before a subject is built: a server stores a publish
// to `a.*.b` literally, so an unchecked token could forge a subject.

export type AreaId = string & { readonly __brand: 'AreaId' };

export const MAX_AREA_DEPTH = 16;
const TOKEN = /^[A-Za-z0-9_-]{1,64}$/;

export function isAreaToken(token: string): boolean {
  return TOKEN.test(token);
}

/** The area id in `text`, or undefined where it is not 1 to 16 tokens of `[A-Za-z0-9_-]{1,64}`. */
export function parseAreaId(text: string): AreaId | undefined {
  if (text.length > MAX_AREA_DEPTH * 65) return undefined;
  const tokens = text.split('/');
  if (tokens.length > MAX_AREA_DEPTH || !tokens.every(isAreaToken)) return undefined;
  return text as AreaId;
}

/** @throws RangeError where `text` is no area id. */
export function areaId(text: string): AreaId {
  const id = parseAreaId(text);
  if (id === undefined)
    throw new RangeError(`area: expected tokens of [A-Za-z0-9_-]{1,64} joined by "/"`);
  return id;
}

/** The area above, or undefined for a root. */
export function parentArea(area: AreaId): AreaId | undefined {
  const cut = area.lastIndexOf('/');
  return cut < 0 ? undefined : (area.slice(0, cut) as AreaId);
}

export function lastToken(area: AreaId): string {
  return area.slice(area.lastIndexOf('/') + 1);
}

/** Number of tokens: 1 for a root. */
export function areaDepth(area: AreaId): number {
  let depth = 1;
  for (let i = 0; i < area.length; i++) if (area.charCodeAt(i) === 47) depth++;
  return depth;
}

/** Whether `area` is `ancestor` or lies below it. */
export function isWithin(area: AreaId, ancestor: AreaId): boolean {
  return area === ancestor || area.startsWith(`${ancestor}/`);
}

/** `area` as tokens of a bus subject. */
export function areaSubject(area: AreaId): string {
  return area.replaceAll('/', '.');
}

/** The deepest area that all of these are at or below; undefined where they share no root. */
export function commonAncestor(areas: readonly AreaId[]): AreaId | undefined {
  let common = areas[0];
  for (const area of areas) {
    while (common !== undefined && !isWithin(area, common)) common = parentArea(common);
  }
  return common;
}
