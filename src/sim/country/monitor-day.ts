// One UTC day of a monitor: what all its cells share (the day's shape, weather and clouds) as columns
// over the intervals, and from them any cell's energy. An interval is made when it is first asked
// for: a frame needs one, a series of the nation all of every cell of every province.

import { dayOfYear, localTime, SECONDS_PER_DAY } from '../calendar.ts';
import { H25_MEAN, h25Value } from '../h25.ts';
import { createNoise } from '../noise.ts';
import { hashUnit, type Seed } from '../random.ts';
import { clearSkyWm2, diffuseShare, SOLAR_CONSTANT_WM2, sunDirection } from '../sun.ts';
import { createWeatherProcess } from '../weather.ts';
import { cellFault, faultWindow } from './faults.ts';
import type { Monitor } from './monitor.ts';

/** Whole watt-hours. The four other metrics follow: import is consumption less selfUse, and so on. */
export interface CellEnergy {
  consumptionWh: number;
  productionWh: number;
  /** Produced and consumed in the same home. */
  selfUseWh: number;
  /** Share of its meters that these figures cover; 0 where they are withheld. */
  coverage: number;
}

/** Sums over the cells that are published, as columns over the intervals. */
export interface DaySums {
  readonly consumptionWh: Float64Array;
  readonly productionWh: Float64Array;
  readonly selfUseWh: Float64Array;
  readonly coveredMeters: Float64Array;
  /** Cells that are withheld. */
  readonly withheldCells: Uint16Array;
}

export interface MonitorDay {
  readonly monitor: Monitor;
  readonly firstInterval: number;
  readonly intervalSeconds: number;
  readonly setColumns: (day: MonitorDay, k: number) => void;
  /** Of the mean load of the year. */
  readonly load: Float64Array;
  readonly heatK: Float64Array;
  readonly coolK: Float64Array;
  /** Of the modules' watts in full sun. */
  readonly yield: Float64Array;
  /** How much more sun the east and the north of the province have than its middle. */
  readonly sunEast: Float64Array;
  readonly sunNorth: Float64Array;
  readonly sums: DaySums;
  /** By cell: the fault window that was asked for last, its coverage, and the share that counts. */
  readonly faultWindows: Float64Array;
  readonly coverage: Float64Array;
  readonly share: Float64Array;
  /** By interval: 0 not made yet, 1 the columns, 2 the sums too. */
  readonly made: Uint8Array;
}

/** Modules face south at 30 degrees. */
const TILT_SIN = 0.5;
const TILT_COS: number = Math.sqrt(3) / 2;
/** Losses of heat, cables, inverter and dirt. */
const PERFORMANCE_RATIO = 0.8;
/** As in weather.ts: near the horizon the beam's division by the cosine is meaningless. */
const MIN_COS_ZENITH = 0.05;
const HEAT_BELOW_C = 15;
const COOL_ABOVE_C = 24;
/** Uniform noise of variance 1 has this range. */
const UNIFORM_RANGE: number = Math.sqrt(12);
/** How much more or less sun the edges of a province have than its middle. */
const GRADIENT = 0.12;

/** Makes a monitor's days; `seed` is the weather's, shared by neighbours. */
export function createDayMaker(
  monitor: Monitor,
  intervalSeconds: number,
  seed: string,
): (day: number) => MonitorDay {
  const { id, latDeg, lonDeg, climate } = monitor;
  const weather = createWeatherProcess({ area: id, latDeg, lonDeg, ...climate }, seed);
  const eastClouds = createNoise(`${seed}/gradient-east/${id}`, 2 * 3600);
  const northClouds = createNoise(`${seed}/gradient-north/${id}`, 2 * 3600);
  const mood = createNoise(`${seed}/mood/${id}`, 6 * 3600);
  const intervalCount = SECONDS_PER_DAY / intervalSeconds;

  /** Everything at the middle of the interval. */
  function setColumns(day: MonitorDay, k: number): void {
    const unixSeconds = (day.firstInterval + k + 0.5) * intervalSeconds;
    const yearDay = dayOfYear(Math.floor(unixSeconds / SECONDS_PER_DAY));
    const local = localTime(unixSeconds - climate.delayHours * 3600);
    const load = (h25Value(local.day, local.hour) / H25_MEAN) * (1 + 0.02 * mood(unixSeconds));
    const { clearSkyIndex, temperatureC } = weather(unixSeconds, yearDay);
    // Who is at home and awake heats and cools more.
    const presence = 0.4 + 0.4 * load;
    day.load[k] = load;
    day.heatK[k] = Math.max(0, HEAT_BELOW_C - temperatureC) * presence;
    day.coolK[k] = Math.max(0, temperatureC - COOL_ABOVE_C) * presence;
    const sun = sunDirection(unixSeconds, yearDay, latDeg, lonDeg);
    if (sun.up > 0) {
      const globalWm2 = clearSkyIndex * clearSkyWm2(sun.up);
      const diffuseWm2 = globalWm2 * diffuseShare(globalWm2 / (SOLAR_CONSTANT_WM2 * sun.up));
      const beamWm2 = (globalWm2 - diffuseWm2) / Math.max(sun.up, MIN_COS_ZENITH);
      // Cosine between the sun and a plane that faces south.
      const facing = Math.max(0, TILT_COS * sun.up - TILT_SIN * sun.north);
      const inPlaneWm2 = facing * beamWm2 + diffuseWm2 * ((1 + TILT_COS) / 2);
      day.yield[k] = (PERFORMANCE_RATIO * inPlaneWm2) / 1000;
    }
    day.sunEast[k] = GRADIENT * eastClouds(unixSeconds);
    day.sunNorth[k] = GRADIENT * northClouds(unixSeconds);
  }

  return (day) => createDay(monitor, day * intervalCount, intervalSeconds, setColumns);
}

/** The energy of one cell in the `k`th interval of the day, into `out`: nothing is allocated. */
export function readCell(day: MonitorDay, cell: number, k: number, out: CellEnergy): void {
  makeColumns(day, k);
  const { monitor, firstInterval, intervalSeconds } = day;
  const window = faultWindow(monitor, cell, (firstInterval + k) * intervalSeconds);
  if (day.faultWindows[cell] !== window) {
    const { coverage, isOutage } = cellFault(monitor, cell, window);
    day.faultWindows[cell] = window;
    day.coverage[cell] = coverage;
    day.share[cell] = isOutage ? 0 : coverage;
  }
  setEnergy(day, cell, k, day.share[cell] as number, out);
  out.coverage = day.coverage[cell] as number;
}

/** Over all cells, with the `k`th interval filled in. */
export function sumsAt(day: MonitorDay, k: number): DaySums {
  const { sums, made } = day;
  if (made[k] === 2) return sums;
  makeColumns(day, k);
  const { cells, factors } = day.monitor;
  const energy: CellEnergy = { consumptionWh: 0, productionWh: 0, selfUseWh: 0, coverage: 0 };
  let consumptionWh = 0;
  let productionWh = 0;
  let selfUseWh = 0;
  let coveredMeters = 0;
  let withheldCells = 0;
  for (let cell = 0; cell < cells.length; cell++) {
    readCell(day, cell, k, energy);
    consumptionWh += energy.consumptionWh;
    productionWh += energy.productionWh;
    selfUseWh += energy.selfUseWh;
    coveredMeters += (factors.meters[cell] as number) * energy.coverage;
    if (energy.coverage === 0) withheldCells++;
  }
  sums.consumptionWh[k] = consumptionWh;
  sums.productionWh[k] = productionWh;
  sums.selfUseWh[k] = selfUseWh;
  sums.coveredMeters[k] = coveredMeters;
  sums.withheldCells[k] = withheldCells;
  made[k] = 2;
  return sums;
}

function makeColumns(day: MonitorDay, k: number): void {
  if (day.made[k] !== 0) return;
  day.setColumns(day, k);
  day.made[k] = 1;
}

/** What `share` of the cell's meters measured. */
function setEnergy(day: MonitorDay, cell: number, k: number, share: number, out: CellEnergy): void {
  const { factors } = day.monitor;
  const hours = (share * day.intervalSeconds) / 3600;
  const draw = hashUnit(factors.seeds[cell] as Seed, day.firstInterval + k) - 0.5;
  const noise = 1 + (factors.spread[cell] as number) * UNIFORM_RANGE * draw;
  const climateW =
    (factors.heatWPerK[cell] as number) * (day.heatK[k] as number) +
    (factors.coolWPerK[cell] as number) * (day.coolK[k] as number);
  const consumptionW =
    noise * ((factors.baseW[cell] as number) * (day.load[k] as number) + climateW);
  const consumptionWh = Math.floor(consumptionW * hours + 0.5);
  out.consumptionWh = consumptionWh;
  out.productionWh = 0;
  out.selfUseWh = 0;
  const yieldNow = day.yield[k] as number;
  if (yieldNow === 0) return; // half of all hours are night
  const localSun =
    1 +
    (factors.east[cell] as number) * (day.sunEast[k] as number) +
    (factors.north[cell] as number) * (day.sunNorth[k] as number);
  const productionW = (factors.solarW[cell] as number) * yieldNow * localSun;
  const productionWh = Math.floor(productionW * hours + 0.5);
  if (productionWh === 0) return;
  // Homes with a roof use what they can; the smooth minimum stands for homes that differ. It is
  // below both, and the whole numbers are held to the same.
  const roofWh = consumptionWh * (factors.roofShare[cell] as number);
  const selfUse =
    (roofWh * productionWh) / Math.sqrt(roofWh * roofWh + productionWh * productionWh);
  out.productionWh = productionWh;
  out.selfUseWh = Math.min(consumptionWh, productionWh, Math.floor(selfUse));
}

function createDay(
  monitor: Monitor,
  firstInterval: number,
  intervalSeconds: number,
  setColumns: MonitorDay['setColumns'],
): MonitorDay {
  const intervalCount = SECONDS_PER_DAY / intervalSeconds;
  const column = () => new Float64Array(intervalCount);
  return {
    monitor,
    firstInterval,
    intervalSeconds,
    setColumns,
    load: column(),
    heatK: column(),
    coolK: column(),
    yield: column(),
    sunEast: column(),
    sunNorth: column(),
    sums: {
      consumptionWh: column(),
      productionWh: column(),
      selfUseWh: column(),
      coveredMeters: column(),
      withheldCells: new Uint16Array(intervalCount),
    },
    faultWindows: new Float64Array(monitor.cells.length).fill(-1),
    coverage: new Float64Array(monitor.cells.length),
    share: new Float64Array(monitor.cells.length),
    made: new Uint8Array(intervalCount),
  };
}
