// The answers checked: masked totals less the trustees' sums against plain sums of the readings, at
// every level, before anything that was timed is believed.

import type { IntervalIndex } from '../../src/core/interval.ts';
import { unmask } from '../../src/core/mask.ts';
import type { VerifiedNetwork } from '../../src/core/network-bundle.ts';
import { areaAt, type Cell, indexOfArea, isDissolved } from '../../src/core/network-tree.ts';
import { DECISIONS } from '../../src/core/presence.ts';
import { decodeTotal, type Total } from '../../src/core/total.ts';
import type { MonitorState, OpenedInterval } from '../../src/roles/monitor.ts';
import type { Row } from '../../src/roles/monitor-rows.ts';
import { intervalRecord, type TrusteeState } from '../../src/roles/trustee.ts';
import { addUp } from './province-data.ts';

export interface PlainArea {
  /** By channel: of everybody who reports. */
  readonly all: readonly number[];
  /** By channel: of the cells at and below the area that its seals include. */
  readonly included: readonly number[];
}

/**
 * Children stand before their parents. `plain` has the sums of every street and area; what `known`
 * has of areas further down is taken for their included sums.
 *
 * @throws Error where a sum differs
 */
export function checkTotals(
  network: VerifiedNetwork,
  sealed: readonly { readonly total: Uint8Array }[],
  trustees: readonly TrusteeState[],
  plain: ReadonlyMap<number, readonly number[]>,
  interval: IntervalIndex,
  known: Map<number, PlainArea> = new Map(),
): Map<number, PlainArea> {
  for (const { total: bytes } of sealed) {
    const total = decodeTotal(bytes) as Total;
    const area = indexOfArea(network, total.header.area) as number;
    const node = areaAt(network, area);
    const records = trustees.map((trustee) => intervalRecord(trustee, interval));
    const included = [0, 0, 0];
    for (const [channel, cells] of node.homeCells.entries()) {
      let sum = 0;
      for (const [position, index] of cells.entries()) {
        if (total.header.decisions[channel]?.[position] !== DECISIONS.included) continue;
        const cell = network.cells.at(index) as Cell;
        const expected = addUp(cell.members.map((member) => plain.get(member) ?? []))[
          channel
        ] as number;
        const sums = records.map((record) => record.cells.get(index)?.sums);
        check(cell.name, total.totals.cells[channel]?.[position], sums, expected);
        sum += expected;
      }
      for (const child of node.areaChildren)
        if (!isDissolved(areaAt(network, child), channel))
          sum += known.get(child)?.included[channel] ?? 0;
      included[channel] = sum;
      const expected = isDissolved(node, channel) ? (plain.get(area)?.[channel] ?? 0) : sum;
      const sums = records.map((record) => {
        const part = record.seals.get(area)?.part;
        return part?.sums.filter((_, index) => index % part.presences.length === channel);
      });
      check(`${node.id}, channel ${channel}`, total.totals.area[channel], sums, expected);
    }
    known.set(area, { all: plain.get(area) ?? [], included });
  }
  return known;
}

/** @throws Error where a released figure is not the plain sum, or the root's row is none */
export function checkFigures(
  { network, plan }: MonitorState,
  opened: OpenedInterval,
  rows: readonly Row[],
  plain: ReadonlyMap<number, PlainArea>,
): number {
  let released = 0;
  for (const [index, target] of plan.targets.entries()) {
    const figure = opened.figures[index];
    if (figure?.kind !== 'released') continue;
    released++;
    const members = target.kind === 'cell' ? network.cells.at(target.index)?.members : undefined;
    const expected =
      members === undefined
        ? plain.get(target.index)?.included[target.channel]
        : members.every((member) => plain.has(member))
          ? addUp(members.map((member) => plain.get(member)?.all ?? []))[target.channel]
          : undefined;
    // A street's plain sum was compared in its own seal.
    if (expected !== undefined && expected !== figure.energyWh)
      throw new Error(
        `wrong answer: target ${index}: expected ${expected}, found ${figure.energyWh}`,
      );
  }
  if (released * 10 < plan.targets.length * 9 || rows[0]?.energyWh[0] === undefined)
    throw new Error(`wrong answer: only ${released} of ${plan.targets.length} figures released`);
  return released;
}

/** Trustee 0 holds components 0 and 1, trustee 1 holds 0 and 2, trustee 2 holds 1 and 2. */
function check(
  name: string,
  word: bigint | undefined,
  [first, second, third]: readonly (BigUint64Array | undefined)[],
  expected: number,
): void {
  const [zero, one] = first ?? [];
  const [zeroAgain, two] = second ?? [];
  const [oneAgain, twoAgain] = third ?? [];
  if (word === undefined || zero === undefined || one === undefined || two === undefined)
    throw new Error(`wrong answer: ${name} has no total, or no sums`);
  if (zero !== zeroAgain || one !== oneAgain || two !== twoAgain)
    throw new Error(`wrong answer: trustees differ on ${name}`);
  const found = unmask(word, zero + one + two);
  if (found !== BigInt(expected))
    throw new Error(`wrong answer: ${name}: expected ${expected}, found ${found}`);
}
