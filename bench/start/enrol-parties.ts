// Who takes part in an enrolment, over the real roles: the meters of some streets with the operator's
// inventory, the registrar, and the desks of three trustees and an aggregator. And the check that
// comes before any clock: what they hold in the end opens a frame of each checked meter.

import { type AreaId, areaId } from '../../src/core/area.ts';
import type { Quorum } from '../../src/core/components.ts';
import { heldComponents } from '../../src/core/components.ts';
import type { MeterKeys } from '../../src/core/enrolment.ts';
import type { EnrolmentRecipient, EnrolmentRecipientKeys } from '../../src/core/enrolment-seal.ts';
import { decodeFrame, frameContext, isFrameTagValid } from '../../src/core/frame.ts';
import { type IntervalIndex, intervalEndSeconds } from '../../src/core/interval.ts';
import { addMask, KEY_BYTES, unmask } from '../../src/core/mask.ts';
import type { Slot } from '../../src/core/roster.ts';
import type { VerifySignature } from '../../src/core/signed.ts';
import { createEnroller, type EnrollerState, verifyRosters } from '../../src/roles/enroller.ts';
import { openRecord } from '../../src/roles/enroller-records.ts';
import { createFrame, createMeter } from '../../src/roles/meter.ts';
import { createRegistrar, createRosters, signRoster } from '../../src/roles/registrar.ts';
import type { EnrolmentContext, RegistrarState } from '../../src/roles/registrar-slots.ts';
import { createPlatformVerifier, platformPublicKey } from '../../src/runtime/ed25519.ts';
import { createParties, type Parties } from '../../src/runtime/parties.ts';
import { seededBytes, seededStream } from '../data/seeded-bytes.ts';
import { assertAnswer } from '../harness/bench.ts';
import { INTERVAL } from '../nation/context.ts';
import { FIRST_EPOCH } from '../nation/street-kinds.ts';

export const NETWORK_ID = 'enrol';
export const QUORUM: Quorum = { trusteeCount: 3, quorum: 2 };
const STREET_SLOTS = 50;
const CHANNELS = 0b111;
const CAP_WH = 5000;
const INTERVAL_SECONDS = 900;

/** Flat keys of a street's slots, by street. Secret. */
export type StreetKeys = ReadonlyMap<AreaId, Uint8Array>;

export interface EnrolmentParties {
  readonly parties: Parties;
  readonly recipients: EnrolmentRecipientKeys;
  readonly verify: VerifySignature;
  /** Of the meters' identities. */
  readonly meterSeeds: readonly Uint8Array[];
  createRegistrar(): RegistrarState;
  readonly context: EnrolmentContext;
  /** Every street's roster, signed. */
  signRosters(registrar: RegistrarState): readonly Uint8Array[];
  createDesk(recipient: EnrolmentRecipient): EnrollerState;
  /** All that a recipient does: opens every record, verifies every roster. @throws Error */
  takeIn(
    desk: EnrollerState,
    records: readonly Uint8Array[],
    rosters: readonly Uint8Array[],
  ): Promise<StreetKeys>;
}

export async function createEnrolmentParties(meterCount: number): Promise<EnrolmentParties> {
  const parties = await createParties(QUORUM, seededStream('enrol/parties'), 1);
  const verify = createPlatformVerifier();
  const [aggregator] = parties.aggregators;
  if (aggregator === undefined) throw new TypeError('parties: expected an aggregator');
  const seeds = seededBytes('enrol/meters', 32 * meterCount);
  const meterSeeds = Array.from({ length: meterCount }, (_, meter) =>
    seeds.subarray(32 * meter, 32 * (meter + 1)),
  );
  const places = new Map(
    meterSeeds.map((seed, meter) => [nameOf(platformPublicKey(seed)), meter] as const),
  );
  const provisioners = [parties.provisioner.signer.publicKey];
  return {
    parties,
    verify,
    meterSeeds,
    recipients: {
      trustees: parties.trustees.map(({ keyPair }) => keyPair.publicKey),
      aggregator: aggregator.keyPair.publicKey,
    },
    createRegistrar: () => createRegistrar({ networkId: NETWORK_ID, quorum: QUORUM, provisioners }),
    context: {
      fromEpoch: FIRST_EPOCH,
      verify,
      inventory: (identity) => {
        const meter = places.get(nameOf(identity));
        if (meter === undefined) return undefined;
        const area = streetOf(meter);
        return { area, channels: CHANNELS as never, capWh: CAP_WH, connectionPoint: meter };
      },
    },
    signRosters: (registrar) =>
      createRosters(registrar).map((roster) => signRoster(roster, parties.registrar.signer)),
    createDesk: (recipient) =>
      createEnroller({
        networkId: NETWORK_ID,
        quorum: QUORUM,
        recipient,
        keyPairs: [
          recipient.kind === 'trustee'
            ? (parties.trustees[recipient.index] as typeof aggregator).keyPair
            : aggregator.keyPair,
        ],
        registrarKeys: [parties.registrar.signer.publicKey],
        provisioners,
      }),
    takeIn: async (desk, records, rosters) => {
      for (const record of records) {
        const opened = await openRecord(desk, record, verify);
        assertAnswer(opened === 'opened', `a record does not open: ${opened}`);
      }
      const keys = new Map<AreaId, Uint8Array>();
      for (const result of verifyRosters(desk, rosters, { epoch: FIRST_EPOCH, verify })) {
        if (result.kind === 'rejected') throw new Error(`a roster is refused: ${result.reason}`);
        assertAnswer(result.rejected.size === 0, `slots are refused: ${[...result.rejected]}`);
        keys.set(result.roster.area, result.keys);
      }
      return keys;
    },
  };
}

/**
 * Masks a reading as the meter does, with the keys that it kept, and opens the frame with those that
 * the others were given: the aggregator's verifies the tag, the trustees' give the masks.
 */
export function checkMeter(
  meter: number,
  meterKeys: MeterKeys,
  held: { readonly trustees: readonly StreetKeys[]; readonly aggregator: StreetKeys },
): void {
  const street = streetOf(meter);
  const slot = (meter % STREET_SLOTS) as Slot;
  const meterPolicy = seededBytes('enrol/policy', 32);
  const place = {
    street,
    slot,
    channels: CHANNELS as never,
    capWh: CAP_WH,
    intervalSeconds: INTERVAL_SECONDS,
    meterPolicy,
  };
  const interval: IntervalIndex = INTERVAL;
  const readingWh = [120 - (meter % 500), meter % 7, 300 + (meter % 11)];
  const nowSeconds = intervalEndSeconds(interval, INTERVAL_SECONDS) + 1;
  const outcome = createFrame(createMeter(place, meterKeys), interval, readingWh, {
    nowSeconds,
    isAuthenticated: true,
  });
  if (outcome.kind === 'refused') throw new Error(`the meter refuses: ${outcome.reason}`);
  const authenticationKey = keyAt(held.aggregator, street, slot, 1, 0);
  const context = frameContext(meterPolicy, street);
  assertAnswer(
    isFrameTagValid(outcome.frame, authenticationKey, context),
    `the aggregator does not know meter ${meter}`,
  );
  // Every component is held twice: both holders have to have the same.
  for (const order of [
    [0, 1, 2],
    [2, 1, 0],
  ]) {
    const masks = new BigUint64Array(readingWh.length);
    const done = new Set<number>();
    for (const trustee of order) {
      const components = heldComponents(QUORUM, trustee);
      for (const [position, component] of components.entries()) {
        if (done.has(component)) continue;
        done.add(component);
        const keys = held.trustees[trustee] as StreetKeys;
        addMask(masks, keyAt(keys, street, slot, components.length, position), interval);
      }
    }
    const { words } = decodeFrame(outcome.frame);
    for (const [channel, expected] of readingWh.entries()) {
      const found = unmask(words[channel] as bigint, masks[channel] as bigint);
      assertAnswer(
        found === BigInt(expected),
        `meter ${meter}, channel ${channel}: ${found}, expected ${expected}`,
      );
    }
  }
}

function streetOf(meter: number): AreaId {
  return areaId(`xx/s${Math.floor(meter / STREET_SLOTS)}`);
}

function keyAt(
  keys: StreetKeys,
  street: AreaId,
  slot: number,
  keysASlot: number,
  position: number,
): Uint8Array {
  const at = (slot * keysASlot + position) * KEY_BYTES;
  const key = keys.get(street)?.subarray(at, at + KEY_BYTES);
  if (key?.length !== KEY_BYTES) throw new Error(`${street}: no key of slot ${slot}`);
  return key;
}

function nameOf(identity: Uint8Array): string {
  return Buffer.from(identity).toString('latin1');
}
