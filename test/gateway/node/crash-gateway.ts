// The home's two stores, its registers and its uplink on a virtual clock, until it is killed
// (crash.test.ts): at the point of the given number, which is before or after a write or a send, or
// by whoever started it. It says every frame that went out and how far it came:
//   sent <interval> <frame>     at <ms>

import { writeSync } from 'node:fs';
import { MemoryBus } from '../../../src/bus/memory-bus.ts';
import type { Bus } from '../../../src/bus/port.ts';
import { bitmapBytes } from '../../../src/core/bitmap.ts';
import { toHex } from '../../../src/core/bytes.ts';
import { decodeFrame } from '../../../src/core/frame.ts';
import { indexOfArea } from '../../../src/core/network-tree.ts';
import { encodeReceipt } from '../../../src/core/receipt.ts';
import { signMessage } from '../../../src/core/signed.ts';
import { receiptSubject } from '../../../src/core/subjects.ts';
import { openHomeStore } from '../../../src/gateway/home-store.ts';
import { Household } from '../../../src/gateway/node/household.ts';
import { Uplink } from '../../../src/gateway/node/uplink.ts';
import { VirtualClock } from '../../../src/runtime/clock.ts';
import { placeOf } from '../../../src/runtime/meter-fleet.ts';
import { openMeterStore } from '../../../src/store/meter-store.ts';
import { createMeterOf, createWorld, verify } from '../../support/world.ts';
import { CRASH_CONFIG, CRASH_METER, INTERVAL_MS, registerMilli } from './crash-home.ts';

const [, , folder, startText, untilText, crashText] = process.argv as string[];
let pointsLeft = Number(crashText);

const world = await createWorld();
const enrolled = world.meters[CRASH_METER]!;
const entry =
  world.network.streets[indexOfArea(world.network, enrolled.area)!]!.roster.entries[enrolled.slot]!;
const meterStore = openMeterStore(`${folder}/meter.db`);
if (meterStore.meters().length === 0) meterStore.addMeters([createMeterOf(world, enrolled)]);
const state = meterStore.loadMeter(placeOf(world.network, enrolled))!;
const home = openHomeStore(`${folder}/household.db`);
for (const [store, names] of [
  [meterStore, ['commitFrame', 'confirm', 'prune']],
  [home, ['save', 'depart', 'setStatus']],
] as const)
  for (const name of names) withCrashes(store as never, name);

const clock = new VirtualClock(Number(startText));
const hub = new MemoryBus({ nowMs: () => clock.nowMs() });
const inner = hub.connect();
const bus = new Proxy(inner, {
  get: (target, name) => (name === 'append' ? append : bound(target, name)),
}) as Bus;
let uplink: Uplink | undefined;
const household = new Household({
  config: CRASH_CONFIG,
  intervalSeconds: INTERVAL_MS / 1000,
  store: home,
  clock: { nowMs: () => clock.nowMs(), steadyMs: () => clock.nowMs() },
  onRefused: (_source, reason) => {
    throw new Error(reason);
  },
  onReadings: () => uplink?.maskDue(),
});
uplink = new Uplink({
  ...{ network: world.network, place: { slot: enrolled.slot, entry }, state, meterStore, home },
  ...{ household, hasAuthenticatedTime: true, clock, verify, connect: async () => bus },
  onError: (error) => {
    throw error;
  },
});
uplink.start();
await new Promise((done) => setTimeout(done, 20));
const powersW = new Map<string, number>();
while (clock.nowMs() < Number(untilText)) {
  await clock.advanceTo(clock.nowMs() + 20_000);
  say(`at ${clock.nowMs()}`);
  const amounts = new Map([['import', registerMilli(clock.nowMs())]]);
  household.take('grid', { amounts, powersW });
  await hub.idle();
}
process.kill(process.pid, 'SIGKILL');

async function append(subject: string, data: Uint8Array): Promise<{ readonly seq: number }> {
  point();
  const { interval } = decodeFrame(data);
  say(`sent ${interval} ${toHex(data)}`);
  point();
  const stored = await inner.append(subject, data);
  // Every second frame is confirmed; the others are sent again until their street closes.
  if (interval % 2 === 0) {
    const accepted = new Uint8Array(bitmapBytes(enrolled.slot + 1));
    accepted[enrolled.slot >> 3]! |= 1 << (enrolled.slot & 7);
    const receipt = encodeReceipt({ area: enrolled.area, interval, accepted });
    const { signer } = world.parties.aggregators[1]!;
    await inner.append(receiptSubject(enrolled.area), signMessage('receipt', receipt, signer));
  }
  return stored;
}

function withCrashes(store: Record<string, (...args: unknown[]) => unknown>, name: string): void {
  const method = store[name]!.bind(store);
  store[name] = (...args) => {
    point();
    const result = method(...args);
    point();
    return result;
  };
}

function point(): void {
  if (--pointsLeft === 0) process.kill(process.pid, 'SIGKILL');
}

function bound(target: object, name: string | symbol): unknown {
  const value = Reflect.get(target, name, target);
  return typeof value === 'function' ? value.bind(target) : value;
}

function say(line: string): void {
  writeSync(1, `${line}\n`);
}
