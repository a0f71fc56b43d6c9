// `streetwatt explain`: three homes, and what each party sees of them. The README opens with it.

import type { Command } from 'commander';
import { BATCH_SEED_EPOCHS } from '../core/enrolment-batch.ts';
import { MIN_METERS_FLOOR } from '../core/plan.ts';
import { type Explanation, explainThreeHomes, type WordHex } from '../runtime/explain.ts';
import type { Cli } from './cli.ts';
import { DEFAULT_MIN_METERS, seedOption } from './options.ts';

export const DEFAULT_EXPLAIN_SEED = 'streetwatt';

const HELP_AFTER = `
Three homes read 120, 310 and 95 Wh. The meters mask them, the aggregator adds up what
it cannot read, trustees add up masks, and the monitor ends up with 525 Wh. All words
are computed by the code that runs a network, from keys made of the seed.

Examples:
  $ streetwatt explain
  $ streetwatt explain --seed another
  $ streetwatt explain --json`;

interface ExplainOptions {
  readonly seed: string;
  readonly json?: boolean;
}

export function registerExplain(program: Command, cli: Cli): void {
  program
    .command('explain')
    .description('Tell what each party of a network sees of three homes.')
    .addOption(seedOption('what the keys are made of').default(DEFAULT_EXPLAIN_SEED))
    .option('--json', 'print every whole word as JSON instead')
    .addHelpText('after', HELP_AFTER)
    .action(({ seed, json }: ExplainOptions) => {
      const explanation = explainThreeHomes(seed);
      cli.print(json ? JSON.stringify(explanation, null, 2) : formatExplanation(explanation));
    });
}

/** At most 100 columns and 45 lines; no line end at its end. */
export function formatExplanation(explanation: Explanation): string {
  const { homes, bus, aggregator, monitor, trusteeCount, quorum } = explanation;
  const readings = homes.map(({ readingWh }) => readingWh);
  const minutes = explanation.intervalSeconds / 60;
  const maskedTotal = shorten(aggregator.maskedTotal);
  const frameBytes = (bus.frames[0] as string).length / 2;
  return [
    `Three homes of one street use ${readings.slice(0, -1).join(', ')} and ${readings.at(-1)} Wh in ${minutes} minutes. Nobody else learns that.`,
    'Words have 64 bits and are shortened: e41f…07. All are the output of the code that runs a network.',
    '',
    'Each METER adds masks, from keys that it shares with the trustees, and sends the masked word:',
    '',
    ...formatHomes(explanation),
    '',
    `BUS and CONCENTRATOR carry ${homes.length} frames of ${frameBytes} bytes: slot, interval, masked word, tag. No reading.`,
    `AGGREGATOR checks the tags and adds up the masked words: ${maskedTotal}, as random as they are.`,
    `AUDITOR adds them up again, from the bus, and must come to the same ${maskedTotal}.`,
    'TRUSTEES hear who reported, see no masked word, and add up the masks whose keys they hold:',
    '',
    ...formatTrustees(explanation),
    '',
    `Any ${quorum} of the ${trusteeCount} hold every sum; one alone lacks one. Each sum has two holders, so a wrong one shows.`,
    `MONITOR takes the sums from the masked total, and holds what the street used, nothing finer:`,
    '',
    `  ${maskedTotal} ${monitor.maskSums.map((sum) => `- ${shorten(sum)}`).join(' ')} = ${monitor.totalWh} Wh`,
    '',
    `(A network refuses to publish three homes: the minimum is ${DEFAULT_MIN_METERS} meters, and never below ${MIN_METERS_FLOOR}.)`,
    '',
    ...formatParties(monitor.totalWh),
    '',
    `Any of these together, with fewer than ${quorum} of the ${trusteeCount} trustees among them, see no single reading;`,
    `${quorum} trustees and whoever sees masked readings can. (With a single trustee, that one is enough.)`,
    `* A factory that enrols meters in a batch knows their first keys: with the masked readings it`,
    `  could open them, until each meter enrols keys of its own, at most ${BATCH_SEED_EPOCHS} days later.`,
  ].join('\n');
}

/** The story in four lines and the table: what the README opens with. */
export function formatSummary(explanation: Explanation): string {
  const { homes, aggregator, monitor, quorum, trusteeCount } = explanation;
  const maskedTotal = shorten(aggregator.maskedTotal);
  const masks = monitor.maskSums.map((sum) => `- ${shorten(sum)}`).join(' ');
  return [
    `three homes use       ${homes.map(({ readingWh }) => `${readingWh} Wh`.padEnd(9)).join(' ')}`.trimEnd(),
    `their meters send     ${aggregator.maskedWords.map((word) => shorten(word).padEnd(9)).join(' ')}`.trimEnd(),
    `the aggregator adds   ${maskedTotal}`,
    `the monitor computes  ${maskedTotal} ${masks} = ${monitor.totalWh} Wh`,
    '',
    ...formatParties(monitor.totalWh),
    '',
    `Any of these together, with fewer than ${quorum} of the ${trusteeCount} trustees among them, see no single reading.`,
    `* It knows the first keys of its meters, until each enrols its own, at most ${BATCH_SEED_EPOCHS} days later.`,
  ].join('\n');
}

function formatHomes({ homes, aggregator }: Explanation): string[] {
  const masks = (homes[0]?.maskWords ?? []).map((_, mask) => `mask ${mask + 1}`.padEnd(8));
  return [
    `           reading    ${masks.join('   ')}   masked word, modulo 2^64`,
    ...homes.map(({ readingWh, maskWords }, index) => {
      const sum = [`${readingWh} Wh`.padStart(7), ...maskWords.map(shorten)].join(' + ');
      return `  home ${index + 1}   ${sum} = ${shorten(aggregator.maskedWords[index] as WordHex)}`;
    }),
  ];
}

function formatTrustees({ trustees, monitor }: Explanation): string[] {
  const columns = monitor.maskSums.map((_, mask) => `masks ${mask + 1}`.padEnd(8));
  return [
    `              ${columns.join('   ')}`.trimEnd(),
    ...trustees.map(({ maskSums }, trustee) => {
      const held = monitor.maskSums.map((_, component) => {
        const sum = maskSums.find((entry) => entry.component === component)?.sum;
        return (sum === undefined ? '-' : shorten(sum)).padEnd(8);
      });
      return `  trustee ${trustee + 1}   ${held.join('   ')}`.trimEnd();
    }),
  ];
}

function formatParties(totalWh: number): string[] {
  const rows = [
    [
      'who sees what',
      'masked reading',
      'who reported',
      'street total',
      'area totals',
      'one reading',
    ],
    ['bus, concentrator', 'yes', 'yes', 'masked', 'masked', 'never'],
    ['aggregator', 'yes', 'yes', 'masked', 'masked', 'never'],
    ['trustee, even all of them', 'no', 'yes', 'no', 'no', 'never'],
    ['auditor', 'yes', 'yes', 'masked', 'masked', 'never'],
    ['monitor, if granted', 'no', 'coarse counts', `${totalWh} Wh`, 'yes', 'never'],
    ['factory of a batch', 'no', 'no', 'no', 'no', 'never alone *'],
  ];
  const widths = [27, 16, 15, 14, 13, 13];
  return rows.map((row) =>
    `  ${row.map((cell, column) => cell.padEnd(widths[column] as number)).join('')}`.trimEnd(),
  );
}

/** `e41f…07` of 16 hexadecimal digits. */
function shorten(word: WordHex): string {
  return `${word.slice(0, 4)}…${word.slice(-2)}`;
}
