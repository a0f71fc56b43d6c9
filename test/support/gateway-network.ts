// A network that gateways enrol in by themselves: a first document with the parties' keys, and the
// next one out of the records that the gateways wrote.

import type { NatsParty } from '../../src/bus/nats-party.ts';
import { type AreaId, areaDepth, areaSubject } from '../../src/core/area.ts';
import { createAttestation } from '../../src/core/attestation.ts';
import type { ChannelSet } from '../../src/core/channel.ts';
import { readEnrolment } from '../../src/core/enrolment.ts';
import type { EnrolmentRecipient } from '../../src/core/enrolment-seal.ts';
import type { Epoch } from '../../src/core/interval.ts';
import type { NetworkPolicy } from '../../src/core/network.ts';
import { createEnroller, verifyRosters } from '../../src/roles/enroller.ts';
import { openRecord } from '../../src/roles/enroller-records.ts';
import {
  createRegistrar,
  createRosters,
  handleEnrolment,
  signRoster,
} from '../../src/roles/registrar.ts';
import type { StartingNetwork } from '../../src/runtime/local-network.ts';
import type { Parties, SealedToParty } from '../../src/runtime/parties.ts';
import { signByAll } from '../../src/runtime/sign-network.ts';
import { verify } from './world.ts';

export interface GatewayRecord {
  readonly record: Uint8Array;
  readonly area: AreaId;
  readonly channels: ChannelSet;
  readonly capWh: number;
}

/** The root on one aggregator, all below it on the other. */
export function aggregatorOf(area: AreaId): number {
  return areaDepth(area) === 1 ? 0 : 1;
}

/** The second document, with its meters' slots, as registrar and trustees make it. */
export async function enrolGateways(options: {
  readonly parties: Parties;
  readonly policy: NetworkPolicy;
  readonly records: readonly GatewayRecord[];
  readonly epoch: Epoch;
}): Promise<StartingNetwork & { readonly bundleBytes: Uint8Array }> {
  const { parties, policy, records, epoch } = options;
  const { networkId } = policy;
  const quorum = { trusteeCount: parties.trustees.length, quorum: policy.quorum };
  const registrar = createRegistrar({ networkId, quorum, provisioners: [] });
  const inventory = new Map(
    records.map(({ record, ...item }, connectionPoint) => {
      const read = readEnrolment(record, verify);
      if (typeof read === 'string') throw new Error(read);
      return [Buffer.from(read.meter).toString('hex'), { ...item, connectionPoint }];
    }),
  );
  for (const { record } of records) {
    const outcome = handleEnrolment(registrar, record, {
      fromEpoch: epoch,
      verify,
      inventory: (meter) => inventory.get(Buffer.from(meter).toString('hex')),
    });
    if (outcome.kind === 'refused') throw new Error(outcome.reason);
  }
  const rosters = createRosters(registrar).map((roster) =>
    signRoster(roster, parties.registrar.signer),
  );
  const openAll = async (recipient: EnrolmentRecipient, { keyPair }: SealedToParty) => {
    const enroller = createEnroller({
      ...{ networkId, quorum, recipient, keyPairs: [keyPair], provisioners: [] },
      registrarKeys: [parties.registrar.signer.publicKey],
    });
    for (const { record } of records) {
      const opened = await openRecord(enroller, record, verify);
      if (opened !== 'opened') throw new Error(opened);
    }
    return verifyRosters(enroller, rosters, { epoch, verify }).map((result) => {
      if (result.kind === 'rejected') throw new Error(result.reason);
      return result;
    });
  };
  const trusteeKeys: Map<AreaId, Uint8Array>[] = [];
  const attestations: Uint8Array[] = [];
  for (const [index, trustee] of parties.trustees.entries()) {
    const opened = await openAll({ kind: 'trustee', index }, trustee);
    trusteeKeys.push(new Map(opened.map(({ roster, keys }) => [roster.area, keys])));
    const attested = opened.map(({ roster, rosterDigest, accepted }) => ({
      ...{ area: roster.area, rosterDigest, accepted },
    }));
    attestations.push(
      createAttestation({ networkId, trustee: index, rosters: attested }, trustee.signer),
    );
  }
  const hosted = await openAll({ kind: 'aggregator' }, parties.aggregators[1] as SealedToParty);
  const { network, bundleBytes } = signByAll(
    parties,
    { ...{ policy, version: 2, fromEpoch: epoch, rosters, attestations }, aggregatorOf },
    verify,
  );
  return {
    ...{ network, trusteeKeys, firstEpoch: epoch, meters: [] },
    aggregatorKeys: new Map(hosted.map(({ roster, keys }) => [roster.area, keys])),
    bundleBytes,
  };
}

/** A user of nats-server for each party, as `init` has them, and one for each gateway. */
export function busParties(
  trusteeCount: number,
  root: AreaId,
  gateways: readonly { readonly user: string; readonly street: AreaId }[],
): NatsParty[] {
  const subject = areaSubject(root);
  const party = (
    role: NatsParty['role'],
    user: string,
    areaSubjects?: readonly string[],
    name = user,
  ) => ({
    ...{ role, user, name, password: `${user}-password` },
    ...(areaSubjects === undefined ? {} : { areaSubjects }),
  });
  return [
    party('operator', 'operator'),
    party('aggregator', 'aggregator-0', [subject]),
    party('aggregator', 'aggregator-1', [`${subject}.>`]),
    ...Array.from({ length: trusteeCount }, (_, index) =>
      party('trustee', `trustee-${index}`, undefined, String(index)),
    ),
    party('monitor', 'monitor'),
    party('auditor', 'auditor'),
    party('meter', 'no-meters', [`${subject}.>`]),
    ...gateways.map(({ user, street }) => party('meter', user, [areaSubject(street)])),
  ];
}
