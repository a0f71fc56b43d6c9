// README's part on speed, in Markdown.

import { formatMachine, formatNumber } from '../harness/format.ts';
import type { ResultsFile } from '../harness/results-file.ts';
import { findResult, schemesOf } from './schemes.ts';

const KERNEL_ROWS: readonly {
  readonly what: string;
  readonly id: string;
  readonly plain?: string;
}[] = [
  { what: 'a bare ChaCha20 block, the floor', id: 'chacha20.block.floor' },
  {
    what: 'take in: verify, deduplicate, add up; messages of a street',
    id: 'ingest.kernel',
    plain: 'ingest.plain',
  },
  { what: 'take in; a message a frame', id: 'ingest.kernel.single' },
  { what: 'a trustee: masks of two components', id: 'mask.sum.kernel', plain: 'mask.sum.plain' },
  { what: 'a meter: mask and tag', id: 'mask.frame.kernel', plain: 'mask.frame.plain' },
  { what: 'a key into the next day', id: 'ratchet.kernel', plain: 'ratchet.plain' },
  { what: "a frame under the seal's frames root", id: 'seal.root.kernel' },
];

export function formatBenchTable(file: ResultsFile): string {
  const { machine, results } = file;
  const schemes = schemesOf(file).map((scheme) =>
    row([
      scheme.id === 'streetwatt' ? `**${scheme.name}**` : scheme.name,
      formatNumber(scheme.readingsPerCoreSecond),
      formatNumber(scheme.clientUs),
      formatNumber(scheme.serverUs),
      formatNumber(scheme.bytesPerReading),
    ]),
  );
  const kernel = KERNEL_ROWS.map(({ what, id, plain }) => {
    const { median, unit } = findResult(results, id);
    const slow = plain === undefined ? undefined : findResult(results, plain).median;
    return row([
      what,
      `${formatNumber(median)} ${unit}`,
      slow === undefined ? '' : formatNumber(slow),
    ]);
  });
  const memory = findResult(results, 'ingest.memory').median;
  return [
    row(['scheme', 'readings per core-second', 'client, µs', 'servers, µs', 'bytes a reading']),
    row(['---', '--:', '--:', '--:', '--:']),
    ...schemes,
    '',
    row(['one core, three channels', 'kernel', 'plain twin']),
    row(['---', '--:', '--:']),
    ...kernel,
    '',
    `An open interval takes ${formatNumber(memory)} bytes of the kernel's memory for each meter. ${formatMachine(machine)}.`,
  ].join('\n');
}

function row(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`;
}
