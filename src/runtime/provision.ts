// A network from nothing: every meter enrolled, every roster verified by every trustee, the document
// planned, signed and verified (design.md sections 5 and 6). One process plays all parties here, for
// the demo, the replay and `init`; each step is the code that the party itself would run.

import type { AreaId } from '../core/area.ts';
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
import {
  encodeBundle,
  type NetworkBundle,
  type NetworkTrust,
  signNetwork,
  type VerifiedNetwork,
  verifyBundle,
} from '../core/network-bundle.ts';
import { defaultMarginMeters } from '../core/plan.ts';
import type { Plan, PlanStreet } from '../core/plan-types.ts';
import type { Slot } from '../core/roster.ts';
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
import { createNetworkDocument } from '../roles/registrar-network.ts';
import type { EnrolmentContext, InventoryItem } from '../roles/registrar-slots.ts';
import { createPlatformSigner, platformPublicKey } from './ed25519.ts';
import { type Parties, type RandomBytes, STREET_AGGREGATOR, UPPER_AGGREGATOR } from './parties.ts';

/** A meter may be enrolled in batches of this many: what fits one record at any quorum. */
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
  readonly random: RandomBytes;
  readonly verify: VerifySignature;
  readonly onProgress?: (step: string, done: number, of: number) => void;
}

export function defaultPolicy(options: {
  readonly networkId: string;
  readonly quorum: Quorum;
  readonly intervalSeconds?: number;
  readonly minMeters?: number;
}): NetworkPolicy {
  const minMeters = options.minMeters ?? 20;
  return {
    networkId: options.networkId,
    intervalSeconds: options.intervalSeconds ?? 900,
    channels: DEFAULT_CHANNELS,
    quorum: options.quorum.quorum,
    minMeters,
    marginMeters: defaultMarginMeters(minMeters),
    minPresencePermille: 800,
    maxCapSharePermille: 250,
    closeAfterSeconds: 60,
    levelSeconds: 10,
  };
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
  const rosters = createRosters(registrar).map((roster) =>
    signRoster(roster, parties.registrar.signer),
  );

  const trusteeKeys: StreetKeyMap[] = [];
  const attestations: Uint8Array[] = [];
  for (const [index, trustee] of parties.trustees.entries()) {
    options.onProgress?.('trustees verify', index, parties.trustees.length);
    const verified = await openAll(
      options,
      quorum,
      { kind: 'trustee', index },
      trustee.keyPair,
      enrolled.records,
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
  const streetAggregator = parties.aggregators[STREET_AGGREGATOR] as Parties['aggregators'][number];
  const opened = await openAll(
    options,
    quorum,
    { kind: 'aggregator' },
    streetAggregator.keyPair,
    enrolled.records,
    rosters,
  );

  const streetParents = new Set(
    options.meters.flatMap(({ area }) => [area, area.slice(0, area.lastIndexOf('/'))]),
  );
  const drafted = createNetworkDocument(
    {
      policy,
      version: 1,
      fromEpoch: firstEpoch,
      rosters,
      attestations,
      parties: {
        registrar: parties.registrar.signer.publicKey,
        trustees: parties.trustees.map(({ signer, keyPair }) => ({
          publicKey: signer.publicKey,
          hpkePublicKey: keyPair.publicKey,
        })),
        auditors: [parties.auditor.signer.publicKey],
        provisioners: [parties.provisioner.signer.publicKey],
        aggregators: parties.aggregators.map(({ signer, keyPair }) => ({
          publicKeys: [signer.publicKey],
          hpkePublicKey: keyPair.publicKey,
        })),
        aggregatorOf: (area) => (streetParents.has(area) ? STREET_AGGREGATOR : UPPER_AGGREGATOR),
      },
    },
    verify,
  );
  const bundle: NetworkBundle = {
    document: drafted.document,
    registrarSignature: signNetwork(drafted.document, parties.registrar.signer),
    trusteeSignatures: parties.trustees.map(({ signer }, trustee) => ({
      trustee,
      signature: signNetwork(drafted.document, signer),
    })),
    rosters,
    attestations,
  };
  const network = verifyBundle(bundle, trustIn(parties), verify);
  if (typeof network === 'string')
    throw new Error(`the network that was just made is refused: ${network}`);
  return {
    bundle,
    bundleBytes: encodeBundle(bundle),
    network,
    plan: drafted.plan,
    streets: drafted.streets,
    meters: enrolled.meters,
    trusteeKeys,
    aggregatorKeys: opened.keys,
    records: enrolled.records,
    firstEpoch,
  };
}

export function trustIn(parties: Parties): NetworkTrust {
  return {
    kind: 'first',
    registrar: parties.registrar.signer.publicKey,
    trustees: parties.trustees.map((trustee) => trustee.signer.publicKey),
  };
}

async function enrolMeters(
  options: ProvisionOptions,
  quorum: Quorum,
  registrar: ReturnType<typeof createRegistrar>,
): Promise<{ readonly meters: readonly EnrolledMeter[]; readonly records: readonly Uint8Array[] }> {
  const { meters, parties, random, verify, firstEpoch } = options;
  const recipients = {
    trustees: parties.trustees.map((trustee) => trustee.keyPair.publicKey),
    aggregator: (parties.aggregators[STREET_AGGREGATOR] as Parties['aggregators'][number]).keyPair
      .publicKey,
  };
  const { networkId } = options.policy;
  const isBatch = (options.epochCount ?? 1) <= BATCH_SEED_EPOCHS;
  const inventory = new Map<string, InventoryItem>();
  const context: EnrolmentContext = {
    fromEpoch: firstEpoch,
    verify,
    inventory: (meter) => inventory.get(keyOf(meter)),
  };
  const enrolled: EnrolledMeter[] = [];
  const records: Uint8Array[] = [];
  const take = (
    meter: ProvisionMeter,
    keys: MeterKeys,
    assigned: { kind: string; slot?: Slot; reason?: string },
  ) => {
    if (assigned.slot === undefined)
      throw new Error(`a meter of ${meter.area} was refused: ${assigned.reason}`);
    enrolled.push({ ...meter, slot: assigned.slot, keys });
  };
  for (let start = 0; start < meters.length; start += isBatch ? BATCH_METERS : 1) {
    options.onProgress?.('meters enrol', start, meters.length);
    const chunk = meters.slice(start, start + (isBatch ? BATCH_METERS : 1));
    const seeds = chunk.map(() => random(32));
    const identities = new Uint8Array(32 * chunk.length);
    for (const [index, meter] of chunk.entries()) {
      const identity = platformPublicKey(seeds[index] as Uint8Array);
      identities.set(identity, 32 * index);
      const { area, channels, capWh } = meter;
      inventory.set(keyOf(identity), { area, channels, capWh, connectionPoint: start + index });
    }
    const input = { networkId, firstEpoch, quorum, recipients };
    if (isBatch) {
      const batch = await createEnrolmentBatch(
        { ...input, signer: parties.provisioner.signer, meters: identities },
        random(batchRandomBytes(quorum, chunk.length)),
      );
      records.push(batch.record);
      const assigned = handleBatch(registrar, batch.record, context);
      if (assigned.kind === 'refused') throw new Error(`a batch was refused: ${assigned.reason}`);
      for (const [index, meter] of chunk.entries()) {
        take(meter, batchMeterKeys(batch.keys, index), assigned.meters[index] as never);
      }
    } else {
      const signer = createPlatformSigner(seeds[0] as Uint8Array);
      const { record, keys } = await createEnrolment(
        { ...input, signer },
        random(enrolmentRandomBytes(quorum)),
      );
      records.push(record);
      take(chunk[0] as ProvisionMeter, keys, handleEnrolment(registrar, record, context));
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
