// Where the children of an area stand: streets first, whatever their order in the document.

import { expect, it } from 'vitest';
import { placeOfChild } from '../../src/core/child-presences.ts';
import type { AreaNode } from '../../src/core/network-tree.ts';

/** Children `step` apart in the document: what lies between them is below them. */
function nodeOf(count: number, step: number, isStreet: (child: number) => boolean) {
  const children = Array.from({ length: count }, (_, child) => 1 + step * child);
  const streetChildren = children.filter((_, child) => isStreet(child));
  const areaChildren = children.filter((_, child) => !isStreet(child));
  return { streetChildren, areaChildren } as unknown as AreaNode;
}

it.each([
  ['streets alone', nodeOf(100, 1, () => true)],
  ['streets with others between them', nodeOf(100, 3, () => true)],
  ['areas alone', nodeOf(100, 7, () => false)],
  ['streets and areas in turn', nodeOf(101, 2, (child) => child % 2 === 0)],
  ['areas and streets in turn', nodeOf(101, 2, (child) => child % 2 === 1)],
  // To look through all for each would take minutes.
  ['so many that each must be found by halves', nodeOf(300_000, 2, (child) => child % 2 === 0)],
])('finds the place of each of %s', (_, node) => {
  const all = [...node.streetChildren, ...node.areaChildren];
  expect(all.every((child, place) => placeOfChild(node, child) === place)).toBe(true);
});
