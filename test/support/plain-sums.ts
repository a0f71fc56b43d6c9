// The slow twin of a whole replay: plain sums over the texts of meters.csv and readings.csv, and the
// rules of publication written out by hand. Nothing here comes from src but the seeded function by
// which the replay loses frames, which the caller passes in.
//
// Which cells there are is read from totals.csv itself: the finest rows in which a channel ever
// appears. That a cell may exist (its size, that cells are disjoint) is checked here; whether the
// planner chose well is test/core/plan.test.ts.

const CHANNELS = ['net', 'export', 'production'] as const;
type Channel = (typeof CHANNELS)[number];

export interface PlainOptions {
  readonly metersText: string;
  readonly readingsText: string;
  readonly intervalSeconds?: number;
  readonly minMeters?: number;
  /** Whether the frame of the meter on this line (from 0) is lost on its way. */
  readonly isLost?: (meter: number, interval: number) => boolean;
}

interface PlainMeter {
  readonly street: string;
  readonly declares: ReadonlySet<Channel>;
}

type Values = Readonly<Record<Channel, number>>;

export interface PlainSums {
  readonly meters: readonly PlainMeter[];
  readonly minMeters: number;
  /** By the interval's start, Unix seconds: what arrived of each meter. */
  readonly delivered: ReadonlyMap<number, ReadonlyMap<number, Values>>;
  readonly sentCount: number;
  readonly lostCount: number;
  /** Readings that lack a declared part. */
  readonly incompleteCount: number;
  readonly aboveCapCount: number;
}

/** 250 A on three phases. */
const CAP_W = 172_500;

export function plainSums(options: PlainOptions): PlainSums {
  const intervalSeconds = options.intervalSeconds ?? 900;
  const lines = parse(options.metersText);
  const place = new Map(lines.map((line, index) => [line.meter as string, index]));
  const readings = parse(options.readingsText);
  const declares = lines.map(() => new Set<Channel>(['net']));
  for (const row of readings) {
    const own = declares[place.get(row.meter as string) as number];
    if (row.export_wh !== '') own?.add('export');
    if (row.production_wh !== '') own?.add('production');
  }
  const delivered = new Map<number, Map<number, Values>>();
  const seen = new Set<string>();
  let sentCount = 0;
  let lostCount = 0;
  let incompleteCount = 0;
  let aboveCapCount = 0;
  const capWh = Math.round((CAP_W * intervalSeconds) / 3600);
  for (const row of readings) {
    const meter = place.get(row.meter as string);
    if (meter === undefined) continue;
    const startSeconds = Date.parse(row.start as string) / 1000;
    const interval = startSeconds / intervalSeconds;
    if (seen.has(`${meter} ${startSeconds}`)) continue;
    seen.add(`${meter} ${startSeconds}`);
    const arrived = delivered.get(startSeconds) ?? new Map<number, Values>();
    delivered.set(startSeconds, arrived);
    const own = declares[meter] as Set<Channel>;
    const isMissing = (field: string | undefined, channel: Channel) =>
      field === '' && own.has(channel);
    if (
      isMissing(row.import_wh, 'net') ||
      isMissing(row.export_wh, 'export') ||
      isMissing(row.production_wh, 'production')
    ) {
      incompleteCount++;
      continue;
    }
    const exportWh = halfUp(row.export_wh);
    const productionWh = halfUp(row.production_wh);
    const netWh = halfUp(row.import_wh) - exportWh;
    if (Math.max(Math.abs(netWh), exportWh, productionWh) > capWh) {
      aboveCapCount++;
      continue;
    }
    sentCount++;
    if (options.isLost?.(meter, interval) === true) {
      lostCount++;
      continue;
    }
    arrived.set(meter, { net: netWh, export: exportWh, production: productionWh });
  }
  return {
    meters: lines.map((line, index) => ({
      street: line.area as string,
      declares: declares[index] as Set<Channel>,
    })),
    minMeters: options.minMeters ?? 20,
    delivered,
    sentCount,
    lostCount,
    incompleteCount,
    aboveCapCount,
  };
}

export interface Checked {
  /** Everything in totals.csv that is not as it must be, in words. */
  readonly differences: readonly string[];
  readonly rowCount: number;
  readonly published: number;
  readonly partial: number;
  readonly withheld: number;
  /** Fields that were not empty, by column. */
  readonly figures: Readonly<Record<string, number>>;
  /** Names of merged cells. */
  readonly merged: readonly string[];
  /** Cells, per interval and channel, that were included or withheld by reason. */
  readonly cellsPublished: number;
  readonly cellsWithheld: Readonly<Record<string, number>>;
}

interface Place {
  readonly name: string;
  readonly isCell: boolean;
  readonly level: number;
  readonly meters: readonly number[];
  readonly streets: ReadonlySet<string>;
}

/** Holds every field of totals.csv against the plain sums. */
export function checkTotals(plain: PlainSums, totalsText: string): Checked {
  const rows = parse(totalsText);
  const differences: string[] = [];
  const places = new Map<string, Place>();
  for (const row of rows) {
    const name = row.area as string;
    if (!places.has(name)) places.set(name, placeOf(plain, name));
  }
  checkRows(plain, rows, places, differences);
  const cells = CHANNELS.map((channel) => cellsOf(channel, rows, places));
  for (const [index, channel] of CHANNELS.entries())
    checkCells(plain, channel, cells[index] as Place[], differences);

  const counts = { published: 0, partial: 0, withheld: 0 };
  const figures: Record<string, number> = {};
  for (const row of rows) {
    counts[row.status as keyof typeof counts]++;
    const wanted = expectedRow(plain, cells, places.get(row.area as string) as Place, row.start!);
    for (const [column, value] of Object.entries(wanted)) {
      if (row[column] !== '' && column.endsWith('_wh'))
        figures[column] = (figures[column] ?? 0) + 1;
      if (row[column] !== value)
        differences.push(`${row.area} ${row.start} ${column}: ${row[column]} for ${value}`);
    }
    for (const channel of CHANNELS) {
      const meters = declaring(plain, channel, (places.get(row.area as string) as Place).streets);
      const arrived = plain.delivered.get(Date.parse(row.start as string) / 1000);
      const count = meters.filter((meter) => arrived?.has(meter)).length;
      if (row[`${channel}_wh`] !== '' && count < plain.minMeters)
        differences.push(`${row.area} ${row.start}: ${channel} of ${count} meters`);
    }
    if ((row.reason === '') !== (row.status !== 'withheld' && !isShort(plain, cells, row, places)))
      differences.push(`${row.area} ${row.start} reason: ${row.reason} for ${row.status}`);
  }
  let cellsPublished = 0;
  const cellsWithheld: Record<string, number> = {};
  for (const startSeconds of plain.delivered.keys()) {
    for (const [index, channel] of CHANNELS.entries()) {
      for (const cell of cells[index] as Place[]) {
        const reason = reasonOf(plain, channel, cell, startSeconds);
        if (reason === undefined) cellsPublished++;
        else cellsWithheld[reason] = (cellsWithheld[reason] ?? 0) + 1;
      }
    }
  }
  return {
    differences,
    rowCount: rows.length,
    ...counts,
    figures,
    merged: [...places.keys()].filter((name) => name.includes('{')).sort(),
    cellsPublished,
    cellsWithheld,
  };
}

/** Each area above a street and each cell has one row in every interval, whatever happened in it. */
function checkRows(
  plain: PlainSums,
  rows: readonly Line[],
  places: ReadonlyMap<string, Place>,
  differences: string[],
): void {
  const areas = new Set<string>();
  for (const { street } of plain.meters) {
    for (let cut = street.lastIndexOf('/'); cut > 0; cut = street.lastIndexOf('/', cut - 1))
      areas.add(street.slice(0, cut));
  }
  for (const area of areas) if (!places.has(area)) differences.push(`${area} has no row`);
  const once = new Set(rows.map((row) => `${row.area} ${row.start}`));
  if (once.size !== rows.length) differences.push('a row stands there twice');
  const count = places.size * plain.delivered.size;
  if (rows.length !== count) differences.push(`${rows.length} rows for ${count}`);
  for (const { name, isCell, meters } of places.values()) {
    if (meters.length === 0) differences.push(`${name} is nowhere in meters.csv`);
    if (!isCell && !areas.has(name)) differences.push(`${name} is no area`);
  }
}

function checkCells(
  plain: PlainSums,
  channel: Channel,
  cells: readonly Place[],
  differences: string[],
): void {
  const taken = new Set<string>();
  for (const { name, streets } of cells) {
    for (const street of streets) {
      if (taken.has(street)) differences.push(`${street} is in two cells of ${channel}`);
      taken.add(street);
    }
    const count = declaring(plain, channel, streets).length;
    if (count < plain.minMeters)
      differences.push(`${name}: ${count} meters declare ${channel}, and it is published`);
  }
}

/** The finest rows in which the channel ever has a figure; all finest rows for net. */
function cellsOf(
  channel: Channel,
  rows: readonly Line[],
  places: ReadonlyMap<string, Place>,
): Place[] {
  const shown = new Set(
    rows
      .filter((row) => channel === 'net' || row[`${channel}_wh`] !== '')
      .map((row) => row.area as string),
  );
  const candidates = [...places.values()].filter(({ name, isCell }) => isCell && shown.has(name));
  return candidates.filter(
    (place) =>
      !candidates.some((other) => other !== place && isInside(other.streets, place.streets)),
  );
}

function expectedRow(
  plain: PlainSums,
  cells: readonly (readonly Place[])[],
  place: Place,
  start: string,
): Record<string, string> {
  const startSeconds = Date.parse(start) / 1000;
  const figures = CHANNELS.map((channel, index) => {
    const inside = (cells[index] as Place[]).filter((cell) =>
      isInside(cell.streets, place.streets),
    );
    const included = inside.filter(
      (cell) => reasonOf(plain, channel, cell, startSeconds) === undefined,
    );
    const declared = declaring(plain, channel, place.streets).length;
    let covered = 0;
    for (const cell of included)
      covered +=
        (coverageStep(plain, channel, cell, startSeconds) / 100) *
        declaring(plain, channel, cell.streets).length;
    const counted = new Set(included.flatMap((cell) => declaring(plain, channel, cell.streets)));
    let sum = 0;
    for (const meter of counted)
      sum += plain.delivered.get(startSeconds)?.get(meter)?.[channel] ?? 0;
    return {
      sum: included.length === 0 ? undefined : sum,
      declared,
      isWhole: included.length === inside.length && counted.size === declared,
      coverage: declared === 0 ? 0 : Math.floor((100 * covered) / declared + 1e-9) / 100,
    };
  });
  const own = (cells[0] as Place[]).includes(place);
  const rarer = place.isCell && !own;
  const mainAt = !rarer ? 0 : (cells[1] as Place[]).includes(place) ? 1 : 2;
  // A cell's row stands for exactly its streets: of another channel all of them, or nothing.
  const shown = figures.map((figure, at) =>
    place.isCell && at !== mainAt && !figure.isWhole ? { ...figure, sum: undefined } : figure,
  );
  const [net, exported, produced] = shown as [Figure, Figure, Figure];
  const hasUnmetered = place.meters.some((meter) => {
    const { declares } = plain.meters[meter] as PlainMeter;
    return declares.has('export') && !declares.has('production');
  });
  const derived = (other: Figure): number | undefined => {
    if (net.sum === undefined) return undefined;
    if (other.declared === 0) return net.sum;
    if (other.sum === undefined || !net.isWhole || !other.isWhole) return undefined;
    return net.sum + other.sum;
  };
  const main = shown[mainAt] as Figure;
  const isShown = main.sum !== undefined;
  const visible = shown.filter((figure) => figure.sum !== undefined);
  const isFull = isShown && visible.every((figure) => figure.coverage === 1);
  return {
    level: String(place.level),
    net_wh: text(net.sum),
    export_wh: text(exported.sum),
    production_wh: text(produced.sum),
    import_wh: text(derived(exported)),
    consumption_wh: hasUnmetered ? '' : text(derived(produced)),
    meters_expected: String(place.meters.length),
    coverage: String(isShown ? main.coverage : 0),
    status: visible.length === 0 ? 'withheld' : isFull ? 'published' : 'partial',
  };
}

interface Figure {
  readonly sum: number | undefined;
  readonly declared: number;
  readonly isWhole: boolean;
  readonly coverage: number;
}

/** Whether a cell that the row is made of is withheld: then the row says why. */
function isShort(
  plain: PlainSums,
  cells: readonly (readonly Place[])[],
  row: Line,
  places: ReadonlyMap<string, Place>,
): boolean {
  const place = places.get(row.area as string) as Place;
  const index = !place.isCell || (cells[0] as Place[]).includes(place) ? 0 : -1;
  const channels =
    index === 0 ? [0] : [1, 2].filter((at) => (cells[at] as Place[]).includes(place)).slice(0, 1);
  const startSeconds = Date.parse(row.start as string) / 1000;
  return channels.some((at) =>
    (cells[at] as Place[]).some(
      (cell) =>
        isInside(cell.streets, place.streets) &&
        reasonOf(plain, CHANNELS[at] as Channel, cell, startSeconds) !== undefined,
    ),
  );
}

/** Why a cell may not be published in this interval. */
function reasonOf(
  plain: PlainSums,
  channel: Channel,
  cell: Place,
  startSeconds: number,
): 'too-few' | 'low-presence' | undefined {
  const meters = declaring(plain, channel, cell.streets);
  const arrived = plain.delivered.get(startSeconds);
  const count = meters.filter((meter) => arrived?.has(meter)).length;
  if (count < plain.minMeters) return 'too-few';
  return count * 10 < meters.length * 8 ? 'low-presence' : undefined;
}

function coverageStep(
  plain: PlainSums,
  channel: Channel,
  cell: Place,
  startSeconds: number,
): number {
  const meters = declaring(plain, channel, cell.streets);
  const arrived = plain.delivered.get(startSeconds);
  const count = meters.filter((meter) => arrived?.has(meter)).length;
  if (count === meters.length) return 100;
  if (count * 10 >= meters.length * 9) return 90;
  return count * 10 >= meters.length * 8 ? 80 : 50;
}

const declaringCache = new WeakMap<ReadonlySet<string>, Map<Channel, readonly number[]>>();

function declaring(
  plain: PlainSums,
  channel: Channel,
  streets: ReadonlySet<string>,
): readonly number[] {
  const known = declaringCache.get(streets) ?? new Map<Channel, readonly number[]>();
  declaringCache.set(streets, known);
  const found =
    known.get(channel) ??
    plain.meters.flatMap((meter, index) =>
      streets.has(meter.street) && meter.declares.has(channel) ? [index] : [],
    );
  known.set(channel, found);
  return found;
}

/** `name` is an area, a street, or a merged cell: `<parent>/{a+b}`. */
function placeOf(plain: PlainSums, name: string): Place {
  const merged = /^(.*)\/\{(.*)\}$/.exec(name);
  const members = merged
    ? (merged[2] as string).split('+').map((token) => `${merged[1]}/${token}`)
    : [name];
  const meters = plain.meters.flatMap(({ street }, index) =>
    members.some((member) => street === member || street.startsWith(`${member}/`)) ? [index] : [],
  );
  const streets = new Set(meters.map((meter) => (plain.meters[meter] as PlainMeter).street));
  const isStreet = streets.size === 1 && streets.has(name);
  return {
    name,
    isCell: merged !== null || isStreet,
    level: (members[0] as string).split('/').length,
    meters,
    streets,
  };
}

function isInside(inner: ReadonlySet<string>, outer: ReadonlySet<string>): boolean {
  return inner.size <= outer.size && [...inner].every((street) => outer.has(street));
}

function halfUp(field: string | undefined): number {
  return field === undefined || field === '' ? 0 : Math.floor(Number(field) + 0.5);
}

function text(value: number | undefined): string {
  return value === undefined ? '' : String(value);
}

export type Line = Readonly<Record<string, string>>;

/** No quotes in any of these files. */
export function parse(csv: string): Line[] {
  const [header, ...lines] = csv.trimEnd().split('\n');
  const names = (header as string).split(',');
  return lines.map((line) => {
    const fields = line.split(',');
    return Object.fromEntries(names.map((name, index) => [name, fields[index] ?? '']));
  });
}
