// README's second part on speed, in Markdown: the whole way, on a real bus and through every party.

import { formatMachine, formatNumber } from '../harness/format.ts';
import type { ResultsFile } from '../harness/results-file.ts';
import { findResult } from './schemes.ts';

interface Row {
  readonly what: string;
  readonly id: string;
  /** A second figure, in brackets behind the first. */
  readonly aside?: { readonly id: string; readonly what: string };
}

const ROWS: readonly Row[] = [
  { what: 'nats-server alone, a frame a message', id: 'bus.raw.nats' },
  { what: 'from nats-server to sealed totals, a frame a message', id: 'e2e.nats.single' },
  { what: 'nats-server alone, 1,000 frames a message', id: 'bus.raw.nats.batch' },
  {
    what: 'from nats-server to sealed totals, 1,000 frames a message',
    id: 'e2e.nats.batch',
    aside: { id: 'e2e.nats.batch.two-processes', what: 'by two processes' },
  },
  {
    what: 'through JetStream, acknowledged, 1,000 frames a message',
    id: 'e2e.nats.durable.batch',
    aside: { id: 'e2e.nats.durable.batch.always', what: 'each synced to the disk' },
  },
  {
    what: 'from the close of 1,000 streets to the national total',
    id: 'latency.close-to-map.1000',
  },
  { what: 'of 10,000 streets', id: 'latency.close-to-map.10000' },
  { what: 'of 50,000 streets', id: 'latency.close-to-map.50000' },
  ...[1_000_000, 10_000_000, 50_000_000, 300_000_000].map((meters) => ({
    what: `all parties' work on one interval of ${formatNumber(meters)} meters, on these cores`,
    id: `nation.${meters}.wall`,
    aside: { id: `nation.${meters}.memory`, what: 'of memory' },
  })),
  {
    what: 'a frame of the map, of 10,000 areas',
    id: 'api.frame',
    aside: { id: 'api.frame.p99', what: 'at p99' },
  },
  {
    what: 'a day of an area as a series',
    id: 'api.series',
    aside: { id: 'api.series.p99', what: 'at p99' },
  },
  { what: 'meters enrolled one by one, all parties on one core', id: 'start.enrol.single' },
  { what: 'meters enrolled by a factory batch', id: 'start.enrol.batch' },
];

export function formatNetworkTable(network: ResultsFile, nation: ResultsFile): string {
  const results = [...network.results, ...nation.results];
  const figure = (id: string): string => {
    const { median, unit } = findResult(results, id);
    return `${formatNumber(median)} ${unit}`;
  };
  const rows = ROWS.map(({ what, id, aside }) =>
    aside === undefined
      ? `| ${what} | ${figure(id)} |`
      : `| ${what} | ${figure(id)} (${figure(aside.id)} ${aside.what}) |`,
  );
  return [
    '| the whole way | |',
    '| --- | --: |',
    ...rows,
    '',
    `All processes on one machine: ${formatMachine(network.machine)}.`,
  ].join('\n');
}
