import { beforeAll, describe, expect, it } from 'vitest';
import { MemoryBus } from '../../src/bus/memory-bus.ts';
import { connectNats } from '../../src/bus/nats-bus.ts';
import type { NatsParty } from '../../src/bus/nats-party.ts';
import {
  natsAccountsConfig,
  operatorUser,
  RESTRICTED_API_PREFIX,
} from '../../src/bus/nats-permissions.ts';
import type { Bus } from '../../src/bus/port.ts';
import { STREAM_NAMES } from '../../src/bus/streams.ts';
import { areaId, areaSubject } from '../../src/core/area.ts';
import { bitmapBytes } from '../../src/core/bitmap.ts';
import { intervalEndSeconds } from '../../src/core/interval.ts';
import { encodeReceipt } from '../../src/core/receipt.ts';
import { signMany } from '../../src/core/sign-many.ts';
import { type Signer, signMessage } from '../../src/core/signed.ts';
import { receiptSubject } from '../../src/core/subjects.ts';
import { VirtualClock } from '../../src/runtime/clock.ts';
import { MeterFleet } from '../../src/runtime/meter-fleet.ts';
import { describeWithNats, natsServer } from '../support/nats.ts';
import { createMeterOf, createWorld, NOON, verify, type World } from '../support/world.ts';

const STREET = areaId('es/r0/m0/s0');
const NEIGHBOUR = areaId('es/r0/m0/s1');

let world: World;
beforeAll(async () => {
  world = await createWorld();
});

function fleetOf(bus: Bus, streets: readonly string[]): MeterFleet {
  return new MeterFleet({
    network: world.network,
    meters: world.meters
      .filter(({ area }) => streets.includes(area))
      .map((meter) => createMeterOf(world, meter)),
    bus,
    clock: new VirtualClock(intervalEndSeconds(NOON, world.policy.intervalSeconds) * 1000),
    verify,
    onError: (error) => {
      throw error;
    },
  });
}

/** What the towns' aggregator says of the first two slots of a street. */
function receiptOf(street = STREET, signer?: Signer): Uint8Array {
  const accepted = new Uint8Array(bitmapBytes(6));
  accepted[0] = 0b11;
  const receipt = encodeReceipt({ area: street, interval: NOON, accepted });
  return signMessage('receipt', receipt, signer ?? world.parties.aggregators[1]!.signer);
}

const waitingSlots = (fleet: MeterFleet, street = STREET) =>
  fleet.meters
    .filter((meter) => meter.street === street && meter.outbox.size > 0)
    .map((meter) => meter.slot);

describe('a fleet that follows receipts', () => {
  async function sent(bus: Bus, streets: readonly string[]): Promise<MeterFleet> {
    const fleet = fleetOf(bus, streets);
    await fleet.followReceipts();
    await fleet.send(NOON, () => [1, 0, 0]);
    return fleet;
  }

  it('keeps what the receipt of its street does not name, and all of another street', async () => {
    await using bus = new MemoryBus();
    await using fleet = await sent(bus, [STREET, NEIGHBOUR]);
    await bus.append(receiptSubject(STREET), receiptOf());
    await bus.idle();
    expect(waitingSlots(fleet)).toEqual([2, 3, 4, 5]);
    expect(waitingSlots(fleet, NEIGHBOUR)).toEqual([0, 1, 2, 3, 4, 5]);
  });

  it('takes a receipt from nobody but an aggregator of the area above the street', async () => {
    await using bus = new MemoryBus();
    await using fleet = await sent(bus, [STREET]);
    for (const { signer } of [world.parties.aggregators[0]!, world.parties.auditor])
      await bus.append(receiptSubject(STREET), receiptOf(STREET, signer));
    await bus.idle();
    expect(waitingSlots(fleet)).toEqual([0, 1, 2, 3, 4, 5]);
  });

  it('takes its street’s receipt of a batch, and no other’s in its place', async () => {
    await using bus = new MemoryBus();
    await using fleet = await sent(bus, [STREET]);
    const { signer } = world.parties.aggregators[1]!;
    const accepted = Uint8Array.of(0b11);
    const bodies = [NEIGHBOUR, STREET].map((area) =>
      encodeReceipt({ area, interval: NOON, accepted }),
    );
    const [theirs, ours] = signMany('receipt', bodies, { signer, blindKey: new Uint8Array(32) });
    const forged = theirs!.slice(0, -bodies[0]!.length);
    await bus.append(receiptSubject(STREET), Uint8Array.of(...forged, ...bodies[1]!));
    await bus.append(receiptSubject(STREET), theirs!);
    await bus.idle();
    expect(waitingSlots(fleet)).toEqual([0, 1, 2, 3, 4, 5]);
    await bus.append(receiptSubject(STREET), ours!);
    await bus.idle();
    expect(waitingSlots(fleet)).toEqual([2, 3, 4, 5]);
  });

  it('is not told of a street that it has no meters of', async () => {
    await using bus = new MemoryBus();
    await using fleet = await sent(bus, [STREET]);
    await bus.append(receiptSubject(NEIGHBOUR), receiptOf(NEIGHBOUR));
    await bus.idle();
    expect(waitingSlots(fleet)).toEqual([0, 1, 2, 3, 4, 5]);
  });
});

describeWithNats('a fleet with the permissions of a meter', () => {
  it.each([
    ['its one street', [STREET], areaSubject(STREET)],
    ['the area above its streets', [STREET, NEIGHBOUR], 'es.r0.m0.>'],
  ])('hears that its frames are in, allowed %s', async (_, streets, areaSubjects) => {
    const party = (user: string, role: NatsParty['role'], area?: string): NatsParty => ({
      name: user,
      user,
      password: user,
      role,
      ...(area === undefined ? {} : { areaSubjects: [area] }),
    });
    const config = natsAccountsConfig([
      party('op', 'operator'),
      party('meters', 'meter', areaSubjects),
      party('town', 'aggregator', 'es.r0.m0'),
    ]);
    await using server = await natsServer({ config });
    const { url } = server;
    for (const stream of STREAM_NAMES) {
      const credentials = { user: operatorUser('op', stream), password: 'op' };
      await using _ = await connectNats({ url, credentials, createStreams: [stream] });
    }
    const connectAs = (user: string) =>
      connectNats({
        url,
        credentials: { user, password: user },
        apiPrefix: RESTRICTED_API_PREFIX,
      });
    await using meters = await connectAs('meters');
    await using town = await connectAs('town');
    await using fleet = fleetOf(meters, streets);
    await fleet.followReceipts();
    await fleet.send(NOON, () => [1, 0, 0]);
    for (const street of streets) await town.append(receiptSubject(street), receiptOf(street));
    await fleet.receiptsTaken(NOON, 5_000);
    for (const street of streets) expect(waitingSlots(fleet, street)).toEqual([2, 3, 4, 5]);
  });
});
