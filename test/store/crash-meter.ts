// A gateway of three meters that masks, stores and sends until it is killed (crash.test.ts). Every
// line is a frame that went out: sent <slot> <interval> <frame>. With `before` or `after` it kills
// itself between masking and storing, or between storing and sending, and first tells the test what
// it had masked: masked <slot> <interval> <frame>.

import { randomInt } from 'node:crypto';
import { writeSync } from 'node:fs';
import { toHex } from '../../src/core/bytes.ts';
import { openMeterStore } from '../../src/store/meter-store.ts';
import { intervalOf, mask, newMeter, placeOf, START } from './some-meters.ts';

const [, , file, crash] = process.argv as [string, string, string, 'before' | 'after' | undefined];
const store = openMeterStore(file);
if (store.meters().length === 0) store.addMeters([0, 1, 2].map(newMeter));
const states = [0, 1, 2].map((at) => {
  const state = store.loadMeter(placeOf(at));
  if (state === undefined) throw new Error(`meter ${at} is gone`);
  return state;
});

for (const state of states) {
  // A restarted meter resends what it stored, and tries the last interval again with another reading.
  for (const [interval, frame] of state.outbox) say('sent', state.slot, interval, frame);
  if (state.lastInterval < 0) continue;
  const again = mask(state, intervalOf(state.lastInterval - START), randomInt(5000));
  if (again !== 'already-masked') say('sent', state.slot, state.lastInterval, again as Uint8Array);
}
for (;;) {
  for (const state of states) {
    const interval = intervalOf(Math.max(START, state.lastInterval + 1) - START);
    const frame = mask(state, interval, randomInt(5000));
    if (typeof frame === 'string') throw new Error(frame);
    if (crash !== undefined) say('masked', state.slot, interval, frame);
    if (crash === 'before') process.kill(process.pid, 'SIGKILL');
    store.commitFrame(state, interval, frame);
    if (crash === 'after') process.kill(process.pid, 'SIGKILL');
    say('sent', state.slot, interval, frame);
    // Some are confirmed, so that the outbox stays short and changes too.
    if (interval % 3 === 0) continue;
    store.confirm([state], interval);
    state.outbox.delete(interval);
  }
}

function say(verb: string, slot: number, interval: number, frame: Uint8Array): void {
  writeSync(1, `${verb} ${slot} ${interval} ${toHex(frame)}\n`);
}
