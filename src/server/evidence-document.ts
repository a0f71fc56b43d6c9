// What the parties hold of one street, as the API says it.

import type { ChannelWord, StreetEvidence } from '../map/evidence.ts';
import { formatIntervalStart } from './parse-time.ts';
import type { EvidenceDocument, WordDocument } from './wire.ts';

export function evidenceDocument(
  intervalSeconds: number,
  evidence: StreetEvidence,
): EvidenceDocument {
  const { cell, bus, aggregator, trustees, monitor, household } = evidence;
  return {
    area: evidence.area,
    start: formatIntervalStart(evidence.interval, intervalSeconds),
    cell: { name: cell.name, members: cell.members },
    bus:
      bus === undefined
        ? null
        : { subject: bus.subject, frameCount: bus.frameCount, frames: bus.frames },
    aggregator: aggregator === undefined ? null : { maskedTotals: words(aggregator.maskedTotals) },
    trustees: trustees.map(({ name, maskSums }) => ({
      name,
      maskSums: maskSums.map((sum) => ({ component: sum.component, words: words(sum.words) })),
    })),
    monitor: {
      maskedTotals: words(monitor.maskedTotals),
      maskSums: words(monitor.maskSums),
      energyWh: monitor.energyWh.map(({ channel, energyWh }) => ({ channel, energyWh })),
    },
    household:
      household === undefined
        ? null
        : {
            label: household.label,
            readingWh: household.readingWh.map(({ channel, energyWh }) => ({ channel, energyWh })),
            frame: household.frame,
          },
    notes: evidence.notes,
  };
}

function words(list: readonly ChannelWord[]): readonly WordDocument[] {
  return list.map(({ channel, hex }) => ({ channel, hex }));
}
