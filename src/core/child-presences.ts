// The presences of an area's children, street children first, by channel: in columns, since every party
// counts every street in every interval, and a country has millions.

import type { AttestedStreet } from './attested-street.ts';
import type { Epoch } from './interval.ts';
import type { AreaNode } from './network-tree.ts';
import { COUNTS, countPresence, type Presence, PresenceTally } from './presence.ts';

/** Where a child stands: among the street children, or behind them all among the area children. */
export function placeOfChild({ streetChildren, areaChildren }: AreaNode, child: number): number {
  // Streets of one area mostly follow one another in the document.
  const guess = child - (streetChildren[0] ?? 0);
  if (streetChildren[guess] === child) return guess;
  const street = placeIn(streetChildren, child);
  return streetChildren[street] === child
    ? street
    : streetChildren.length + placeIn(areaChildren, child);
}

/** By halves: both lists are in the document's order. */
function placeIn(children: readonly number[], child: number): number {
  let low = 0;
  let high = children.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((children[middle] as number) < child) low = middle + 1;
    else high = middle;
  }
  return low;
}

export class ChildPresences {
  readonly #channelCount: number;
  readonly #childCount: number;
  /** By child and channel: `COUNTS` numbers. */
  readonly #counts: Uint32Array;

  /** No child has sealed. */
  constructor(childCount: number, channelCount: number) {
    this.#channelCount = channelCount;
    this.#childCount = childCount;
    this.#counts = new Uint32Array(COUNTS * channelCount * childCount);
  }

  /** Returns how many of the contributors are active slots: a seal may name no others. */
  setStreet(place: number, street: AttestedStreet, epoch: Epoch, contributors: Uint8Array): number {
    const at = COUNTS * this.#channelCount * place;
    return countPresence(street, epoch, contributors, this.#channelCount, this.#counts, at);
  }

  /** Nothing where the network has no such channel: a seal that was not checked may name one. */
  set(place: number, channel: number, presence: Presence): void {
    if (channel >= this.#channelCount) return;
    const at = COUNTS * (place * this.#channelCount + channel);
    this.#counts[at] = presence.slotsDeclared;
    this.#counts[at + 1] = presence.slotsPresent;
    this.#counts[at + 2] = presence.pointsPresent;
    this.#counts[at + 3] = presence.isSealed ? 1 : 0;
  }

  declares(place: number, channel: number): boolean {
    return (this.#counts[COUNTS * (place * this.#channelCount + channel)] as number) > 0;
  }

  addTo(tally: PresenceTally, place: number, channel: number): void {
    const at = COUNTS * (place * this.#channelCount + channel);
    const counts = this.#counts;
    tally.slotsDeclared += counts[at] as number;
    tally.slotsPresent += counts[at + 1] as number;
    tally.pointsPresent += counts[at + 2] as number;
    if (counts[at + 3] === 0) tally.isSealed = false;
  }

  /** Of some children of the area, by their index. */
  sum(node: AreaNode, children: readonly number[], channel: number): PresenceTally {
    const tally = new PresenceTally();
    for (let i = 0; i < children.length; i++)
      this.addTo(tally, placeOfChild(node, children[i] as number), channel);
    return tally;
  }

  sumOfAll(channel: number): PresenceTally {
    const tally = new PresenceTally();
    for (let place = 0; place < this.#childCount; place++) this.addTo(tally, place, channel);
    return tally;
  }
}
