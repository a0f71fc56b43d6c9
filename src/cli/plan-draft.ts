// The draft of a network document as JSON that a person can read and a script can check: policy,
// levels, the tree with its meters per channel, the cells. A line per area and per cell.
//
// It is no network document: that one is CBOR, names keys and roster digests, and counts only when
// the registrar and the trustees have signed it.

import { areaDepth } from '../core/area.ts';
import type { NetworkPolicy } from '../core/network.ts';
import { cellName } from '../core/plan.ts';
import { measureStreets, sumMeasures } from '../core/plan-measure.ts';
import { buildPlanTree, isStreetNode, type PlanTree } from '../core/plan-tree.ts';
import type { Plan, PlanStreet } from '../core/plan-types.ts';
import { AtomicFile } from '../files/atomic-file.ts';
import { defaultCapWh } from '../files/default-cap.ts';

const LINES_A_WRITE = 4096;

export const DRAFT_NOTE =
  'A draft: not signed, and no party accepts it. It becomes a network document when a registrar has enrolled the meters and signed their rosters (streetwatt init does both) and the trustees have countersigned.';

export interface PlanDraft {
  readonly policy: NetworkPolicy;
  readonly trusteeCount: number;
  readonly streets: readonly PlanStreet[];
  readonly plan: Plan;
}

/** @throws FileError `not-writable`. */
export async function writeDraft(path: string, draft: PlanDraft): Promise<void> {
  await using file = await AtomicFile.create(path);
  let lines: string[] = [];
  for (const line of draftLines(draft)) {
    lines.push(line);
    if (lines.length < LINES_A_WRITE) continue;
    await file.append(`${lines.join('\n')}\n`);
    lines = [];
  }
  await file.append(`${lines.join('\n')}\n`);
  await file.commit();
}

/** The lines of one JSON value. */
export function* draftLines({ policy, trusteeCount, streets, plan }: PlanDraft): Generator<string> {
  const tree = buildPlanTree(streets);
  const { networkId, channels, quorum, ...rules } = policy;
  yield '{';
  yield `  "note": ${JSON.stringify(DRAFT_NOTE)},`;
  yield `  "networkId": ${JSON.stringify(networkId)},`;
  yield `  "policy": ${indent({ ...rules, trustees: trusteeCount, quorum })},`;
  yield `  "defaultCapWh": ${defaultCapWh(policy.intervalSeconds)},`;
  yield* list('channels', channels, ',');
  yield* list('levels', levelsOf(tree), ',');
  yield* list('areas', areasOf(tree, policy), ',');
  yield* list('cells', cellsOf(plan, policy), ',');
  yield* list('unpublished', unpublishedOf(plan, policy), '');
  yield '}';
}

function* list(name: string, items: Iterable<unknown>, end: string): Generator<string> {
  let isFirst = true;
  let last: string | undefined;
  for (const item of items) {
    if (isFirst) yield `  "${name}": [`;
    isFirst = false;
    if (last !== undefined) yield `    ${last},`;
    last = JSON.stringify(item);
  }
  if (last === undefined) {
    yield `  "${name}": []${end}`;
    return;
  }
  yield `    ${last}`;
  yield `  ]${end}`;
}

function indent(value: unknown): string {
  return JSON.stringify(value, null, 2).replaceAll('\n', '\n  ');
}

interface Level {
  readonly depth: number;
  areas: number;
  streets: number;
  readonly example: string;
}

function levelsOf(tree: PlanTree): readonly Level[] {
  const levels: Level[] = [];
  for (const [node, id] of tree.ids.entries()) {
    const depth = areaDepth(id);
    const level = levels[depth - 1] ?? { depth, areas: 0, streets: 0, example: id };
    levels[depth - 1] = level;
    if (isStreetNode(tree, node)) level.streets++;
    else level.areas++;
  }
  return levels;
}

function* areasOf(tree: PlanTree, policy: NetworkPolicy): Generator<unknown> {
  const measures = measureStreets(tree, policy.channels.length);
  for (const own of measures) sumMeasures(tree, own);
  for (const [node, id] of tree.ids.entries()) {
    const meters = Object.fromEntries(
      policy.channels.map(({ name }, channel) => [name, measures[channel]?.connectionPoints[node]]),
    );
    yield { id, isStreet: isStreetNode(tree, node), meters };
  }
}

function* cellsOf(plan: Plan, { channels }: NetworkPolicy): Generator<unknown> {
  for (const {
    channel,
    home,
    members,
    streets,
    connectionPoints,
    capSumWh,
    reason,
  } of plan.cells) {
    yield {
      channel: channels[channel]?.name,
      name: cellName(home, members),
      home,
      members,
      streets: streets.length,
      meters: connectionPoints,
      capWh: capSumWh,
      reason,
    };
  }
}

function* unpublishedOf(plan: Plan, { channels }: NetworkPolicy): Generator<unknown> {
  for (const { channel, reason, streets } of plan.unpublished)
    yield { channel: channels[channel]?.name, reason, streets };
}
