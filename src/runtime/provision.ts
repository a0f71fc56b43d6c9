// A network from nothing: every meter enrolled, every roster verified by every trustee, the document
// planned, signed and verified (design.md sections 5 and 6). One process plays all parties here, for
// the demo, the replay and `init`; each step is the code that the party itself would run.

import { type AreaId, areaDepth, MAX_AREA_DEPTH, parentArea } from '../core/area.ts';
import { createAttestation } from '../core/attestation.ts';
import { type ChannelSet, DEFAULT_CHANNELS } from '../core/channel.ts';
import type { Quorum } from '../core/components.ts';
import { createEnrolment, enrolmentRandomBytes, type MeterKeys } from '../core/enrolment.ts';
import {
  BATCH_SEED_EPOCHS,
  batchMeterKeys,
  batchRandomBytes,
  createEnrolmentBatch,
} from '../core/enrolment-batch.ts';
import type { EnrolmentRecipient } from '../core/enrolment-seal.ts';
import type { Epoch } from '../core/interval.ts';
import type { NetworkPolicy } from '../core/network.ts';
import type { NetworkBundle, VerifiedNetwork } from '../core/network-bundle.ts';
import { defaultMarginMeters } from '../core/plan.ts';
import type { Plan, PlanStreet } from '../core/plan-types.ts';
import type { Roster, Slot } from '../core/roster.ts';
import type { VerifySignature } from '../core/signed.ts';
import { createEnroller, verifyRosters } from '../roles/enroller.ts';
import { openRecord } from '../roles/enroller-records.ts';
import {
  createRegistrar,
  createRosters,
  handleBatch,
  handleEnrolment,
  signRoster,
} from '../roles/registrar.ts';
import type {
  AssignedSlot,
  EnrolmentContext,
  InventoryItem,
  RefusedEnrolment,
} from '../roles/registrar-slots.ts';
import { createPlatformSigner, platformPublicKey } from './ed25519.ts';
import type { Parties, RandomBytes } from './parties.ts';
import { signByAll } from './sign-network.ts';

/** Meters are enrolled in batches of this many: what fits one record at any quorum. */
const BATCH_METERS = 20_000;

export interface ProvisionMeter {
  readonly area: AreaId;
  readonly channels: ChannelSet;
  readonly capWh: number;
}

export interface EnrolledMeter extends ProvisionMeter {
  readonly slot: Slot;
  readonly keys: MeterKeys;
}

/** Flat keys by street, as a trustee or an aggregator opened them, of the first epoch. Secret. */
export type StreetKeyMap = ReadonlyMap<AreaId, Uint8Array>;

export interface ProvisionedNetwork {
  readonly bundle: NetworkBundle;
  readonly bundleBytes: Uint8Array;
  readonly network: VerifiedNetwork;
  readonly plan: Plan;
  readonly streets: readonly PlanStreet[];
  /** In the order of the meters given. */
  readonly meters: readonly EnrolledMeter[];
  /** By trustee. */
  readonly trusteeKeys: readonly StreetKeyMap[];
  readonly aggregatorKeys: StreetKeyMap;
  readonly records: readonly Uint8Array[];
  readonly firstEpoch: Epoch;
}

export interface ProvisionOptions {
  readonly meters: readonly ProvisionMeter[];
  readonly policy: NetworkPolicy;
  readonly parties: Parties;
  readonly firstEpoch: Epoch;
  /** How many epochs the network is to run: beyond a batch's life each meter enrols on its own. */
  readonly epochCount?: number;
  /** Index of the aggregator that hosts an area; by default 0 the roots, 1 all that lies below. */
  readonly aggregatorOf?: (area: AreaId) => number;
  readonly random: RandomBytes;
  readonly verify: VerifySignature;
  readonly onProgress?: (step: string, done: number, of: number) => void;
}

/** By when after its end an interval is on the map, however deep the tree. */
export const PUBLISH_WITHIN_SECONDS = 90;

export function defaultPolicy(options: {
  readonly networkId: string;
  readonly quorum: Quorum;
  readonly intervalSeconds?: number;
  readonly minMeters?: number;
  /** Levels of the tree, streets included; that of the deepest tree there may be by default. */
  readonly depth?: number;
}): NetworkPolicy {
  const minMeters = options.minMeters ?? 20;
  const intervalSeconds = options.intervalSeconds ?? 900;
  const depth = options.depth ?? MAX_AREA_DEPTH;
  // Short intervals close faster: the deepest tree is done before the next interval's frames come.
  const closeAfterSeconds = Math.min(60, Math.floor(intervalSeconds / 2));
  const leftSeconds = Math.min(
    PUBLISH_WITHIN_SECONDS - closeAfterSeconds,
    Math.floor(intervalSeconds / 2),
  );
  return {
    networkId: options.networkId,
    intervalSeconds,
    channels: DEFAULT_CHANNELS,
    quorum: options.quorum.quorum,
    minMeters,
    marginMeters: defaultMarginMeters(minMeters),
    minPresencePermille: 800,
    maxCapSharePermille: 250,
    closeAfterSeconds,
    levelSeconds: Math.max(1, Math.min(10, Math.floor(leftSeconds / depth))),
  };
}

/** Levels of the tree of these meters' streets. */
export function treeDepth(meters: Iterable<{ readonly area: AreaId }>): number {
  let depth = 1;
  for (const { area } of meters) depth = Math.max(depth, areaDepth(area));
  return depth;
}

/** @throws Error where a step that cannot fail on honest input did. */
export async function provisionNetwork(options: ProvisionOptions): Promise<ProvisionedNetwork> {
  const { policy, parties, verify, firstEpoch } = options;
  const quorum: Quorum = { trusteeCount: parties.trustees.length, quorum: policy.quorum };
  const registrar = createRegistrar({
    networkId: policy.networkId,
    quorum,
    provisioners: [parties.provisioner.signer.publicKey],
  });
  const enrolled = await enrolMeters(options, quorum, registrar);
  const unsigned = createRosters(registrar);
  const rosters = unsigned.map((roster) => signRoster(roster, parties.registrar.signer));

  const trusteeKeys: StreetKeyMap[] = [];
  const attestations: Uint8Array[] = [];
  for (const [index, trustee] of parties.trustees.entries()) {
    options.onProgress?.('trustees verify', index, parties.trustees.length);
    const verified = await openAll(
      options,
      quorum,
      { kind: 'trustee', index },
      trustee.keyPair,
      enrolled.records.flat(),
      rosters,
    );
    trusteeKeys.push(verified.keys);
    attestations.push(
      createAttestation(
        { networkId: policy.networkId, trustee: index, rosters: verified.accepted },
        trustee.signer,
      ),
    );
  }
  const aggregatorKeys = new Map<AreaId, Uint8Array>();
  for (const [index, { keyPair }] of parties.aggregators.entries()) {
    const mine = rosters.filter(
      (_, at) => hostOf(options, (unsigned[at] as Roster).area) === index,
    );
    if (mine.length === 0) continue;
    const opened = await openAll(
      options,
      quorum,
      { kind: 'aggregator' },
      keyPair,
      enrolled.records[index] ?? [],
      mine,
    );
    for (const [street, keys] of opened.keys) aggregatorKeys.set(street, keys);
  }
  const streets = new Set(options.meters.map((meter) => meter.area));
  const signed = signByAll(
    parties,
    {
      ...{ policy, version: 1, fromEpoch: firstEpoch, rosters, attestations },
      provisioners: [parties.provisioner.signer.publicKey],
      aggregatorOf: (area) =>
        streets.has(area) ? hostOf(options, area) : aggregatorOf(options, area),
    },
    verify,
  );
  return {
    bundle: signed.bundle,
    bundleBytes: signed.bundleBytes,
    network: signed.network,
    plan: signed.plan,
    streets: signed.streets,
    meters: enrolled.meters,
    trusteeKeys,
    aggregatorKeys,
    records: enrolled.records.flat(),
    firstEpoch,
  };
}

function aggregatorOf({ aggregatorOf: choose, parties }: ProvisionOptions, area: AreaId): number {
  return choose?.(area) ?? Math.min(areaDepth(area) - 1, parties.aggregators.length - 1, 1);
}

/** The aggregator that a street's meters share their authentication keys with: its parent's. */
function hostOf(options: ProvisionOptions, street: AreaId): number {
  return aggregatorOf(options, parentArea(street) as AreaId);
}

interface EnrolledMeters {
  /** In the order of the meters given. */
  readonly meters: readonly EnrolledMeter[];
  /** By aggregator. */
  readonly records: readonly (readonly Uint8Array[])[];
}

async function enrolMeters(
  options: ProvisionOptions,
  quorum: Quorum,
  registrar: ReturnType<typeof createRegistrar>,
): Promise<EnrolledMeters> {
  const { meters, parties, random, verify, firstEpoch } = options;
  const { networkId } = options.policy;
  // Seeds of a batch expire: a longer run needs each meter's own enrolment.
  const batchMeters = (options.epochCount ?? 1) <= BATCH_SEED_EPOCHS ? BATCH_METERS : 1;
  const inventory = new Map<string, InventoryItem>();
  const context: EnrolmentContext = {
    fromEpoch: firstEpoch,
    verify,
    inventory: (meter) => inventory.get(keyOf(meter)),
  };
  const enrolled: EnrolledMeter[] = [];
  const records: Uint8Array[][] = parties.aggregators.map(() => []);
  let done = 0;
  for (const [aggregator, { keyPair }] of parties.aggregators.entries()) {
    const mine = [...meters.keys()].filter(
      (index) => hostOf(options, (meters[index] as ProvisionMeter).area) === aggregator,
    );
    const recipients = {
      trustees: parties.trustees.map((trustee) => trustee.keyPair.publicKey),
      aggregator: keyPair.publicKey,
    };
    for (let start = 0; start < mine.length; start += batchMeters) {
      options.onProgress?.('meters enrol', done, meters.length);
      const chunk = mine.slice(start, start + batchMeters);
      done += chunk.length;
      const seeds = chunk.map(() => random(32));
      const identities = new Uint8Array(32 * chunk.length);
      for (const [position, index] of chunk.entries()) {
        const identity = platformPublicKey(seeds[position] as Uint8Array);
        identities.set(identity, 32 * position);
        const { area, channels, capWh } = meters[index] as ProvisionMeter;
        inventory.set(keyOf(identity), { area, channels, capWh, connectionPoint: index });
      }
      const take = (
        index: number,
        keys: MeterKeys,
        assigned: AssignedSlot | RefusedEnrolment | undefined,
      ) => {
        if (assigned?.kind !== 'assigned')
          throw new Error(`a meter was refused: ${assigned?.reason}`);
        enrolled[index] = { ...(meters[index] as ProvisionMeter), slot: assigned.slot, keys };
      };
      const input = { networkId, firstEpoch, quorum, recipients };
      if (batchMeters > 1) {
        const { record, keys } = await createEnrolmentBatch(
          { ...input, signer: parties.provisioner.signer, meters: identities },
          random(batchRandomBytes(quorum, chunk.length)),
        );
        records[aggregator]?.push(record);
        const assigned = handleBatch(registrar, record, context);
        if (assigned.kind === 'refused') throw new Error(`a batch was refused: ${assigned.reason}`);
        for (const [position, index] of chunk.entries()) {
          take(index, batchMeterKeys(keys, position), assigned.meters[position]);
        }
      } else {
        const signer = createPlatformSigner(seeds[0] as Uint8Array);
        const { record, keys } = await createEnrolment(
          { ...input, signer },
          random(enrolmentRandomBytes(quorum)),
        );
        records[aggregator]?.push(record);
        take(chunk[0] as number, keys, handleEnrolment(registrar, record, context));
      }
    }
  }
  return { meters: enrolled, records };
}

async function openAll(
  options: ProvisionOptions,
  quorum: Quorum,
  recipient: EnrolmentRecipient,
  keyPair: Parties['trustees'][number]['keyPair'],
  records: readonly Uint8Array[],
  rosters: readonly Uint8Array[],
) {
  const { parties, verify, firstEpoch } = options;
  const enroller = createEnroller({
    networkId: options.policy.networkId,
    quorum,
    recipient,
    keyPairs: [keyPair],
    registrarKeys: [parties.registrar.signer.publicKey],
    provisioners: [parties.provisioner.signer.publicKey],
  });
  for (const record of records) {
    const opened = await openRecord(enroller, record, verify);
    if (opened !== 'opened') throw new Error(`a record did not open: ${opened}`);
  }
  const keys = new Map<AreaId, Uint8Array>();
  const accepted: { area: AreaId; rosterDigest: Uint8Array; accepted: Uint8Array }[] = [];
  for (const result of verifyRosters(enroller, rosters, { epoch: firstEpoch, verify })) {
    if (result.kind === 'rejected') throw new Error(`a roster was refused: ${result.reason}`);
    keys.set(result.roster.area, result.keys);
    accepted.push({
      area: result.roster.area,
      rosterDigest: result.rosterDigest,
      accepted: result.accepted,
    });
  }
  return { keys, accepted };
}

function keyOf(meter: Uint8Array): string {
  return Buffer.from(meter).toString('latin1');
}
