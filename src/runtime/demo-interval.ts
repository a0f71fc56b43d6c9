// One interval of the demo: every home's reading masked and sent, some of them late, again or never,
// and what came of it.

import {
  DEFAULT_INTERVAL_SECONDS,
  type IntervalIndex,
  intervalEndSeconds,
  intervalStartSeconds,
} from '../core/interval.ts';
import type { Row } from '../roles/monitor-rows.ts';
import { countRejection, type Rejections } from '../roles/rejections.ts';
import type { Simulator } from '../sim/simulator.ts';
import type { AuditReport } from './auditor-node.ts';
import type { Fates } from './demo-faults.ts';
import type { DemoNetwork } from './demo-network.ts';
import type { LocalNetwork } from './local-network.ts';
import type { StreetFrames } from './meter-fleet.ts';

const INTERVAL_SECONDS = DEFAULT_INTERVAL_SECONDS;
const SEND_AFTER_MS = 1000;
/** Behind the receipts that aggregators send at half of the closing time. */
const RESEND_AFTER_MS = 40_000;
/** Behind the close of the streets, before that of the areas above. */
const LATE_AFTER_MS = 62_000;
const RECEIPT_PATIENCE_MS = 2000;

export interface DemoInterval {
  readonly startSeconds: number;
  readonly endSeconds: number;
  /** In tree order. */
  readonly rows: readonly Row[];
  /** How long after its end it was opened, by the virtual clock; undefined where it was not. */
  readonly openedAfterSeconds: number | undefined;
  /** Of the areas and cells that are opened every time, in each channel. */
  readonly figuresPublished: number;
  readonly figuresWithheld: Rejections;
  /** How many times trustees differed on a component of one. */
  readonly disagreementCount: number;
  readonly frames: {
    readonly masked: number;
    readonly accepted: number;
    /** Sent again after a receipt did not confirm them. */
    readonly resent: number;
    readonly lost: number;
    readonly rejected: Rejections;
  };
  /** By trustee: `answered`, or why not. */
  readonly trustees: readonly string[];
  readonly audit: AuditReport | undefined;
}

export async function runInterval(
  { network, driver }: DemoNetwork,
  interval: IntervalIndex,
  simulate: Simulator,
  fateOf: Fates,
): Promise<DemoInterval> {
  const startSeconds = intervalStartSeconds(interval, INTERVAL_SECONDS);
  const readings = simulate(startSeconds);
  const valuesOf = (meter: number) => {
    const reading = readings[meter];
    if (reading === undefined) return undefined;
    return [reading.importWh - reading.exportWh, reading.exportWh, reading.productionWh];
  };
  const before = intakeOf(network);
  const rejected: Rejections = new Map();
  let masked = 0;
  let resent = 0;
  let lost = 0;
  let late: StreetFrames = new Map();
  const { meters } = network;
  const { results, openedAfterSeconds, audit } = await driver.run(network, interval, [
    {
      afterEndMs: SEND_AFTER_MS,
      send: async () => {
        const sent = await meters.send(interval, valuesOf, (meter) => {
          const fate = fateOf(meter);
          if (fate === 'lost') lost++;
          return fate !== 'delivered';
        });
        masked = sent.sentCount;
        for (const [reason, count] of sent.refused) countRejection(rejected, reason, count);
        return sent.lastSeq;
      },
    },
    {
      afterEndMs: RESEND_AFTER_MS,
      send: async () => {
        await meters.receiptsTaken(interval, RECEIPT_PATIENCE_MS);
        const isHeard = (meter: number) => ['delivered', 'resent'].includes(fateOf(meter));
        const again = meters.unconfirmed(isHeard);
        late = meters.unconfirmed((meter) => fateOf(meter) === 'late');
        resent = countFrames(again);
        return meters.deliver(again);
      },
    },
    { afterEndMs: LATE_AFTER_MS, send: () => meters.deliver(late) },
  ]);
  const after = intakeOf(network);
  for (const [reason, count] of after.rejected) {
    const more = count - (before.rejected.get(reason) ?? 0);
    if (more > 0) countRejection(rejected, reason, more);
  }
  const accepted = after.acceptedCount - before.acceptedCount;
  const figuresWithheld: Rejections = new Map();
  let figuresPublished = 0;
  let disagreementCount = 0;
  for (const { opened } of results) {
    disagreementCount += opened.disagreements.length;
    for (const figure of opened.figures) {
      if (figure.kind === 'released') figuresPublished++;
      else countRejection(figuresWithheld, figure.reason);
    }
  }
  return {
    startSeconds,
    endSeconds: intervalEndSeconds(interval, INTERVAL_SECONDS),
    rows: results.flatMap((result) => result.rows),
    openedAfterSeconds,
    figuresPublished,
    figuresWithheld,
    disagreementCount,
    frames: { masked, accepted, resent, lost, rejected },
    trustees: results[0]?.trustees ?? [],
    audit,
  };
}

function intakeOf(network: LocalNetwork): { acceptedCount: number; rejected: Rejections } {
  const rejected: Rejections = new Map();
  let acceptedCount = 0;
  for (const { state } of network.aggregators) {
    acceptedCount += state.acceptedCount;
    for (const [reason, count] of state.rejected) countRejection(rejected, reason, count);
  }
  return { acceptedCount, rejected };
}

function countFrames(frames: StreetFrames): number {
  let count = 0;
  for (const list of frames.values()) count += list.length;
  return count;
}
