// The privacy view of the demo: what each party holds of one street and interval, asked of the parties
// themselves. Frames come from the bus, masked totals from the aggregators, mask sums from the
// trustees' signed answers to a grant for this cell alone; so what they refuse, this cannot show. Only
// the household's own screen is beside the network: the demo simulates that home and knows it.
//
// Words, frames and readings of one simulated home; never a key, a seed or a salt.

import type { Bus } from '../bus/port.ts';
import { type AreaId, isWithin } from '../core/area.ts';
import { toHex } from '../core/bytes.ts';
import { type ChannelSet, channelSetOf, NET } from '../core/channel.ts';
import { heldComponents } from '../core/components.ts';
import { decodeFrame, splitFrames } from '../core/frame.ts';
import { signGrant } from '../core/grant.ts';
import { type IntervalIndex, intervalEndSeconds } from '../core/interval.ts';
import { areaAt, areaNamed, type Cell, type Network } from '../core/network-tree.ts';
import { OPEN_END_EPOCH, type Slot } from '../core/roster.ts';
import type { VerifySignature } from '../core/signed.ts';
import { readingSubject } from '../core/subjects.ts';
import type { ChannelWord, StreetEvidence } from '../map/evidence.ts';
import type { Viewer } from '../map/viewer.ts';
import { createMonitor } from '../roles/monitor.ts';
import { combineAnswers } from '../roles/monitor-combine.ts';
import type { Clock } from './clock.ts';
import { MonitorNode, type StoredResult } from './monitor-node.ts';
import type { Parties, RandomBytes } from './parties.ts';

/** Frames that are shown whole. */
const SHOWN_FRAMES = 4;
/** Opened cells that are remembered: a page asks again for what it has just shown. */
const KEPT_CELLS = 64;

export interface EvidenceOptions {
  readonly network: Network;
  readonly firstInterval: IntervalIndex;
  readonly parties: Parties;
  /** A connection of its own. */
  readonly bus: Bus;
  readonly clock: Clock;
  readonly random: RandomBytes;
  readonly verify: VerifySignature;
  /** By meter, in the order of the homes. */
  readonly places: readonly { readonly street: AreaId; readonly slot: Slot }[];
  /** What a home's own meter counted, by channel of the network; undefined where it has no such channel. */
  readonly readingOf: (home: number, interval: IntervalIndex) => readonly (number | undefined)[];
}

export interface EvidenceQuery {
  readonly area: AreaId;
  readonly interval: IntervalIndex;
  readonly viewer: Viewer;
}

export type Evidence = (query: EvidenceQuery) => Promise<StreetEvidence | undefined>;

/** Undefined where there is no such street, or the viewer may not see it. */
export function createEvidence(options: EvidenceOptions): Evidence {
  const { network } = options;
  const opened = new Map<string, Promise<StoredResult>>();
  return async ({ area, interval, viewer }) => {
    const street = areaNamed(network, area);
    if (street?.street === undefined || !isWithin(area, viewer.area)) return undefined;
    if (street.depth > viewer.deepestDepth) return undefined;
    const cell = [...network.cells].find(
      (candidate) => candidate.channel === NET && candidate.streets.includes(street.index),
    );
    const isShown = (channel: number) =>
      viewer.channels.includes(network.channels[channel]?.name ?? '');
    if (cell === undefined)
      return notes(area, interval, area, [area], ['Nothing is published of so few meters.']);
    const home = areaAt(network, cell.home);
    // A cell's name is made of its members': the viewer is told of those that it may see.
    const name = isWithin(home.id, viewer.area) ? cell.name : area;
    const members = cell.members
      .map((member) => areaAt(network, member).id)
      .filter((member) => isWithin(member, viewer.area));
    if (interval < options.firstInterval)
      return notes(area, interval, name, members, [
        'Before the demo began: these figures were simulated as sums, and nothing was masked.',
      ]);
    if (!isWithin(home.id, viewer.area))
      return notes(area, interval, name, members, [
        'This street is published together with others that this token does not reach.',
      ]);

    const channels = channelSetOf(
      network.channels.flatMap((_, channel) => (isShown(channel) ? [channel] : [])),
    );
    if (channels === 0)
      return notes(area, interval, name, members, ['This access includes no channel.']);
    const key = `${interval} ${cell.index} ${channels}`;
    const opening = opened.get(key) ?? openCell(options, cell, interval, channels);
    opened.set(key, opening);
    if (opened.size > KEPT_CELLS) opened.delete(opened.keys().next().value as string);
    opening.catch(() => opened.delete(key));
    const [result, frames] = await Promise.all([opening, readFrames(options, area, interval)]);
    // Not sealed yet, or a trustee was away: another look may find more.
    if (result.opened.figures.some((figure) => figure.kind === 'withheld')) opened.delete(key);
    return {
      area,
      interval,
      cell: { name: cell.name, members },
      bus: {
        subject: readingSubject(area),
        frameCount: frames.size,
        frames: [...frames.values()].slice(0, SHOWN_FRAMES).map(toHex),
      },
      ...partiesOf(network, result, isShown),
      household: householdOf(options, area, interval, frames, isShown),
      notes: notesOf(network, result, members, frames.size),
    };
  };
}

/** Of one cell alone, under a grant that reaches no further than the area whose cell it is. */
async function openCell(
  options: EvidenceOptions,
  cell: Cell,
  interval: IntervalIndex,
  channels: ChannelSet,
): Promise<StoredResult> {
  const { network, parties, verify, bus, clock, random } = options;
  const home = areaAt(network, cell.home);
  const deepestDepth = home.depth + 1;
  const grant = {
    networkId: network.document.networkId,
    monitor: parties.monitor.signer.publicKey,
    hpkePublicKey: parties.monitor.keyPair.publicKey,
    area: home.id,
    deepestDepth,
    channels,
    fromEpoch: network.document.fromEpoch,
    untilEpoch: OPEN_END_EPOCH,
  };
  const state = createMonitor({
    network,
    grant,
    signedGrant: signGrant(grant, parties.registrar.signer),
    signer: parties.monitor.signer,
    verify,
    scope: { area: home.id, deepestDepth, channels },
    row: cell.name,
  });
  // Never started: it follows nothing and is asked for this interval alone.
  await using node = new MonitorNode({
    state,
    keyPair: parties.monitor.keyPair,
    bus,
    clock,
    random,
    onInterval: () => {},
    onError: () => {},
    isDriven: true,
  });
  return await node.openStored(interval);
}

/** The street's frames of the interval by slot, as they stand in the stream. */
async function readFrames(
  { network, bus }: EvidenceOptions,
  street: AreaId,
  interval: IntervalIndex,
): Promise<ReadonlyMap<Slot, Uint8Array>> {
  const { intervalSeconds } = network.document;
  const frames = new Map<Slot, Uint8Array>();
  const fromTimeMs = intervalEndSeconds(interval, intervalSeconds) * 1000;
  await using replay = await bus.replay(
    'READINGS',
    { pattern: readingSubject(street), fromTimeMs },
    ({ data }) => {
      for (const frame of splitFrames(data).frames) {
        const body = decodeFrame(frame);
        // What was sent again is the very same frame.
        if (body.interval === interval && !frames.has(body.slot)) frames.set(body.slot, frame);
      }
    },
  );
  await replay.caughtUp;
  return frames;
}

function partiesOf(
  network: Network,
  { targets, opened, record }: StoredResult,
  isShown: (channel: number) => boolean,
): Pick<StreetEvidence, 'aggregator' | 'trustees' | 'monitor'> {
  const maskedTotals: ChannelWord[] = [];
  const maskSums: ChannelWord[] = [];
  const energyWh: { channel: string; energyWh: number | null }[] = [];
  const trustees = network.document.trustees.map((_, trustee) => ({
    name: `Trustee ${trustee + 1}`,
    maskSums: heldComponents(network.quorum, trustee).map((component) => ({
      component,
      words: [] as ChannelWord[],
    })),
  }));
  for (const [index, { channel: position, home, position: place }] of targets.entries()) {
    if (!isShown(position)) continue;
    const channel = network.channels[position]?.name ?? '';
    const sealed = record.totals.get(home);
    const masked = sealed?.total.totals.cells[position]?.[place];
    if (masked !== undefined) maskedTotals.push({ channel, hex: wordHex(masked) });
    for (const [trustee, results] of record.answers) {
      for (const [at, sum] of (results[index]?.sums ?? []).entries())
        trustees[trustee]?.maskSums[at]?.words.push({ channel, hex: wordHex(sum) });
    }
    const figure = opened.figures[index];
    const isReleased = figure?.kind === 'released';
    energyWh.push({ channel, energyWh: isReleased ? figure.energyWh : null });
    const combined =
      sealed && combineAnswers(network.quorum, record.answers, sealed.digest, index, []);
    if (isReleased && combined?.kind === 'combined')
      maskSums.push({ channel, hex: wordHex(combined.maskSum) });
  }
  return {
    aggregator: maskedTotals.length === 0 ? undefined : { maskedTotals },
    trustees,
    monitor: { maskedTotals, maskSums, energyWh },
  };
}

/** One home of the street: with a roof where there is one, whose frame has arrived. */
function householdOf(
  { network, places, readingOf }: EvidenceOptions,
  street: AreaId,
  interval: IntervalIndex,
  frames: ReadonlyMap<Slot, Uint8Array>,
  isShown: (channel: number) => boolean,
): StreetEvidence['household'] {
  const homes = places.flatMap((place, home) =>
    place.street === street && frames.has(place.slot) ? [{ home, slot: place.slot }] : [],
  );
  const sizeOf = (slot: Slot) => frames.get(slot)?.length ?? 0;
  const chosen = homes.reduce<(typeof homes)[number] | undefined>(
    (best, other) => (best !== undefined && sizeOf(best.slot) >= sizeOf(other.slot) ? best : other),
    undefined,
  );
  if (chosen === undefined) return undefined;
  const readingWh = readingOf(chosen.home, interval).flatMap((energyWh, channel) =>
    energyWh === undefined || !isShown(channel)
      ? []
      : [{ channel: network.channels[channel]?.name ?? '', energyWh }],
  );
  return {
    label: 'One simulated home of this street',
    readingWh,
    frame: toHex(frames.get(chosen.slot) as Uint8Array),
  };
}

function notesOf(
  network: Network,
  { targets, opened }: StoredResult,
  members: readonly AreaId[],
  frameCount: number,
): readonly string[] {
  const found: string[] = [];
  if (frameCount === 0) found.push('No frame of this street is on the bus any more, or yet.');
  if (members.length > 1)
    found.push(
      `The frames are this street's. Totals and mask sums are of all ${members.length} areas that it is published with, because it has too few meters to stand alone.`,
    );
  const alone = network.channels.filter((_, channel) =>
    targets.every((target) => target.channel !== channel),
  );
  if (alone.length > 0)
    found.push(
      `Too few meters here have ${alone.map(({ name }) => name).join(' or ')}: that is published with more streets, or not at all.`,
    );
  for (const [index, figure] of opened.figures.entries()) {
    if (figure.kind !== 'withheld') continue;
    const name = network.channels[targets[index]?.channel ?? -1]?.name ?? '';
    found.push(`${name} is withheld: ${figure.reason}.`);
  }
  return found;
}

function notes(
  area: AreaId,
  interval: IntervalIndex,
  name: string,
  members: readonly AreaId[],
  texts: readonly string[],
): StreetEvidence {
  return {
    area,
    interval,
    cell: { name, members },
    bus: undefined,
    aggregator: undefined,
    trustees: [],
    monitor: { maskedTotals: [], maskSums: [], energyWh: [] },
    household: undefined,
    notes: texts,
  };
}

function wordHex(word: bigint): string {
  return BigInt.asUintN(64, word).toString(16).padStart(16, '0');
}
