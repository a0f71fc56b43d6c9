import { areaId } from '../../src/core/area.ts';
import { channelSetOf } from '../../src/core/channel.ts';
import { epoch, type IntervalIndex, intervalIndex } from '../../src/core/interval.ts';
import { slot } from '../../src/core/roster.ts';
import {
  createFrame,
  createMeter,
  type FrameRefusal,
  type MeterPlace,
  type MeterState,
  type MeterTime,
} from '../../src/roles/meter.ts';

export const FIRST_EPOCH = 20_000;
/** The first interval of the first epoch. */
export const START: number = FIRST_EPOCH * 96;
/** Late enough for every interval of these tests. */
export const TIME: MeterTime = { nowSeconds: 0xffffffff * 900, isAuthenticated: true };

export function placeOf(at: number): MeterPlace {
  return {
    street: areaId('es/md/calle-mayor'),
    slot: slot(at),
    channels: channelSetOf([0]),
    capWh: 10_000,
    intervalSeconds: 900,
    meterPolicy: new Uint8Array(32).fill(6),
  };
}

/** Three components, whose keys repeat two bytes each, so that the smallest remnant shows. */
export function newMeter(at: number): MeterState {
  const key = (seed: number) =>
    new Uint8Array(Buffer.alloc(32, Uint8Array.of(0xc0 + seed, at & 255)));
  return createMeter(placeOf(at), {
    componentKeys: [key(0), key(1), key(2)],
    authenticationKey: key(3),
    firstEpoch: epoch(FIRST_EPOCH),
  });
}

export function intervalOf(offset: number): IntervalIndex {
  return intervalIndex(START + offset);
}

/** The frame, or why there is none. */
export function mask(
  state: MeterState,
  interval: IntervalIndex,
  valueWh: number,
): Uint8Array | FrameRefusal {
  const outcome = createFrame(state, interval, [valueWh], TIME);
  return outcome.kind === 'frame' ? outcome.frame : outcome.reason;
}
