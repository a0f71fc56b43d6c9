// api.frame and api.series: the map's HTTP server on a day of 10,000 areas, asked as the page asks, by a
// client in a process of its own. Requests per second and how long one of 16 at a time takes.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { areaAt } from '../../src/core/network-tree.ts';
import { serveSource } from '../../src/runtime/map-serve.ts';
import { createTokenTable, tokenDigest } from '../../src/server/token-table.ts';
import { paths } from '../../web/src/api/paths.ts';
import type { Bench, BenchResult, PreparedBench, Scale } from '../harness/bench.ts';
import { median } from '../harness/summarize.ts';
import { seededFractions } from '../nation/country.ts';
import { checkFrames, checkSeries } from './check-bodies.ts';
import { ClientProcess } from './client-process.ts';
import { createMapDay, type MapDay } from './map-day.ts';

const TOKEN = 'a-token-of-the-bench';
/** As a browser sends them. */
const HEADERS: Readonly<Record<string, string>> = {
  accept: 'application/json, application/problem+json',
  'accept-encoding': 'gzip, deflate, br, zstd',
  'accept-language': 'en-GB,en;q=0.9',
  cookie: `streetwatt-session=${TOKEN}`,
  'sec-fetch-dest': 'empty',
  'sec-fetch-mode': 'cors',
  'sec-fetch-site': 'same-origin',
};
const PLAIN_HEADERS: Readonly<Record<string, string>> = {
  ...HEADERS,
  'accept-encoding': 'identity',
};
const CONCURRENCY = 16;

interface Size {
  readonly areaCount: number;
  readonly intervalCount: number;
  readonly requestCount: number;
  readonly roundCount: number;
}

const SIZES: Readonly<Record<Scale, Size>> = {
  full: { areaCount: 10_000, intervalCount: 96, requestCount: 1000, roundCount: 3 },
  quick: { areaCount: 300, intervalCount: 8, requestCount: 64, roundCount: 1 },
};

/** One of the ways of asking, of which each round takes one turn. */
interface Way {
  readonly id: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly isConditional: boolean;
}

interface Question {
  readonly id: string;
  addresses(day: MapDay, count: number): readonly string[];
  check(day: MapDay, get: (path: string) => Promise<unknown>): Promise<void>;
}

const QUESTIONS: readonly Question[] = [
  { id: 'api.frame', addresses: frameAddresses, check: checkFrames },
  { id: 'api.series', addresses: seriesAddresses, check: checkSeries },
];

export const API: Bench = {
  id: 'api',
  prepare: async (scale): Promise<PreparedBench> => {
    const size = SIZES[scale];
    await using owned = new AsyncDisposableStack();
    const folder = await mkdtemp(join(tmpdir(), 'streetwatt-bench-'));
    owned.defer(() => rm(folder, { recursive: true, force: true }));
    const day = owned.use(await createMapDay({ ...size, file: join(folder, 'monitor.sqlite') }));
    const server = owned.use(
      await serveSource({
        source: day.map,
        tokens: createTokenTable([
          { digestHex: tokenDigest(TOKEN), name: 'bench', viewer: day.viewer },
        ]),
        anonymous: undefined,
        host: '127.0.0.1',
        port: 0,
        mayMove: false,
        onError: (error) => {
          throw error;
        },
      }),
    );
    for (const { check } of QUESTIONS) await check(day, (path) => getJson(server.url + path));
    const client = owned.use(await ClientProcess.start());
    const results: BenchResult[] = [];
    for (const { id, addresses } of QUESTIONS)
      results.push(
        ...(await timeWays(client, server.url, addresses(day, size.requestCount), id, size)),
      );
    return { timed: [], results };
  },
};

function waysOf(id: string): readonly Way[] {
  return [
    { id, headers: HEADERS, isConditional: false },
    { id: `${id}.identity`, headers: PLAIN_HEADERS, isConditional: false },
    { id: `${id}.unchanged`, headers: HEADERS, isConditional: true },
  ];
}

/** The ways take turns: what else the machine does hits all of them. */
async function timeWays(
  client: ClientProcess,
  url: string,
  asked: readonly string[],
  question: string,
  { roundCount }: Size,
): Promise<readonly BenchResult[]> {
  const ways = waysOf(question);
  const rounds = new Map(ways.map(({ id }) => [id, [] as Round[]]));
  for (let round = 0; round <= roundCount; round++) {
    for (const { id, headers, isConditional } of round % 2 === 0 ? ways : ways.toReversed()) {
      const order = { url, paths: asked, headers, concurrency: CONCURRENCY, isConditional };
      const report = await client.ask(order);
      const wanted = isConditional ? 304 : 200;
      if (report.statuses[wanted] !== asked.length)
        throw new Error(`${id}: expected ${wanted}, found ${JSON.stringify(report.statuses)}`);
      // The first warms up.
      if (round > 0) rounds.get(id)?.push(roundOf(report, asked.length));
    }
  }
  return ways.flatMap(({ id, isConditional }) => {
    const own = rounds.get(id) ?? [];
    const column = (name: keyof Round): readonly number[] => own.map((round) => round[name]);
    return [
      resultOf(id, 'requests/s', column('rate')),
      resultOf(`${id}.p50`, 'ms', column('p50Ms')),
      resultOf(`${id}.p99`, 'ms', column('p99Ms')),
      resultOf(`${id}.cost`, 'us/request', column('costUs')),
      ...(isConditional ? [] : [resultOf(`${id}.body`, 'bytes', column('bodyBytes'))]),
    ];
  });
}

interface Round {
  readonly rate: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly costUs: number;
  readonly bodyBytes: number;
}

function roundOf(
  { seconds, latenciesMs, bodyBytes, serverUs }: Awaited<ReturnType<ClientProcess['ask']>>,
  count: number,
): Round {
  const sorted = latenciesMs.toSorted((a, b) => a - b);
  return {
    rate: count / seconds,
    p50Ms: median(sorted),
    p99Ms: sorted[Math.ceil(sorted.length * 0.99) - 1] as number,
    costUs: serverUs / count,
    bodyBytes: bodyBytes / count,
  };
}

/** Any parent in any interval, as a reader who has opened it and moves the time slider. */
function frameAddresses({ network, intervals }: MapDay, count: number): readonly string[] {
  const random = seededFractions(1);
  return Array.from({ length: count }, () => {
    const { id } = pick(network.areas.inner, random);
    return paths.frame(id, pick(intervals, random) * network.document.intervalSeconds);
  });
}

/** Any area over the day. */
function seriesAddresses({ network, intervals }: MapDay, count: number): readonly string[] {
  const random = seededFractions(2);
  const { intervalSeconds } = network.document;
  const from = (intervals[0] as number) * intervalSeconds;
  const until = from + intervals.length * intervalSeconds;
  return Array.from({ length: count }, () => {
    const at = Math.floor(random() * network.areas.length);
    return paths.series(areaAt(network, at).id, from, until);
  });
}

function pick<Item>(items: readonly Item[], random: () => number): Item {
  return items[Math.floor(random() * items.length)] as Item;
}

/** With what a browser does with it: gzip is undone. */
async function getJson(url: string): Promise<unknown> {
  const response = await fetch(url, { headers: { ...HEADERS } });
  if (!response.ok) throw new Error(`${url}: ${response.status} ${await response.text()}`);
  return await response.json();
}

function resultOf(id: string, unit: string, values: readonly number[]): BenchResult {
  return {
    id,
    unit,
    median: median(values),
    min: Math.min(...values),
    max: Math.max(...values),
  };
}
