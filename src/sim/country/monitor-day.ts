// One UTC day of a monitor: what all its cells share (the day's shape, weather and clouds) as columns
// over the intervals, and from them any cell's energy. Kept in a small cache, since a series of the
// nation needs every cell of every province.

import { localTime, SECONDS_PER_DAY } from '../calendar.ts';
import { H25_MEAN, h25Value } from '../h25.ts';
import { createNoise } from '../noise.ts';
import { hashUnit, type Seed } from '../random.ts';
import { createWeather, STEP_SECONDS, type WeatherDay } from '../weather.ts';
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
  /** Of the mean load of the year. */
  readonly load: Float64Array;
  readonly heatK: Float64Array;
  readonly coolK: Float64Array;
  /** Of the modules' watts in full sun. */
  readonly yield: Float64Array;
  /** How much more sun the east and the north of the province have than its middle. */
  readonly sunEast: Float64Array;
  readonly sunNorth: Float64Array;
  sums: DaySums | undefined;
}

/** Modules face south at 30 degrees. */
const TILT_SIN = 0.5;
const TILT_COS: number = Math.sqrt(3) / 2;
/** Losses of heat, cables, inverter and dirt. */
const PERFORMANCE_RATIO = 0.8;
const HEAT_BELOW_C = 15;
const COOL_ABOVE_C = 24;
/** Uniform noise of variance 1 has this range. */
const UNIFORM_RANGE: number = Math.sqrt(12);

/** Makes a monitor's days; `seed` is the weather's, shared by neighbours. */
export function createDayMaker(
  monitor: Monitor,
  intervalSeconds: number,
  seed: string,
): (day: number) => MonitorDay {
  const weather = createWeather({ area: monitor.id, ...monitor, ...monitor.climate }, seed);
  const eastClouds = createNoise(`${seed}/gradient-east/${monitor.id}`, 2 * 3600);
  const northClouds = createNoise(`${seed}/gradient-north/${monitor.id}`, 2 * 3600);
  const mood = createNoise(`${seed}/mood/${monitor.id}`, 6 * 3600);
  const intervalCount = SECONDS_PER_DAY / intervalSeconds;
  return (day) => {
    const firstInterval = day * intervalCount;
    const steps = weather(day);
    const columns = createColumns(monitor, firstInterval, intervalSeconds, intervalCount);
    for (let k = 0; k < intervalCount; k++) {
      const unixSeconds = (firstInterval + k + 0.5) * intervalSeconds;
      const local = localTime(unixSeconds - monitor.climate.delayHours * 3600);
      columns.load[k] =
        (h25Value(local.day, local.hour) / H25_MEAN) * (1 + 0.02 * mood(unixSeconds));
      setWeather(columns, k, steps, intervalSeconds);
      columns.sunEast[k] = 0.12 * eastClouds(unixSeconds);
      columns.sunNorth[k] = 0.12 * northClouds(unixSeconds);
    }
    return columns;
  };
}

/** The energy of one cell in the `k`th interval of the day, into `out`: nothing is allocated. */
export function readCell(day: MonitorDay, cell: number, k: number, out: CellEnergy): void {
  const { monitor, firstInterval, intervalSeconds } = day;
  const window = faultWindow(monitor, cell, (firstInterval + k) * intervalSeconds);
  const { coverage, isOutage } = cellFault(monitor, cell, window);
  setEnergy(day, cell, k, isOutage ? 0 : coverage, out);
  out.coverage = coverage;
}

/** Of all cells and intervals of the day; kept with it. */
export function daySums(day: MonitorDay): DaySums {
  if (day.sums !== undefined) return day.sums;
  const { monitor, firstInterval, intervalSeconds } = day;
  const intervalCount = day.load.length;
  const sums: DaySums = {
    consumptionWh: new Float64Array(intervalCount),
    productionWh: new Float64Array(intervalCount),
    selfUseWh: new Float64Array(intervalCount),
    coveredMeters: new Float64Array(intervalCount),
    withheldCells: new Uint16Array(intervalCount),
  };
  const energy: CellEnergy = { consumptionWh: 0, productionWh: 0, selfUseWh: 0, coverage: 0 };
  for (let cell = 0; cell < monitor.cells.length; cell++) {
    const meters = monitor.factors.meters[cell] as number;
    let window = Number.NaN;
    let fault = { coverage: 1, isOutage: false };
    for (let k = 0; k < intervalCount; k++) {
      const here = faultWindow(monitor, cell, (firstInterval + k) * intervalSeconds);
      if (here !== window) {
        window = here;
        fault = cellFault(monitor, cell, window);
      }
      if (fault.coverage === 0) {
        (sums.withheldCells[k] as number)++;
        continue;
      }
      sums.coveredMeters[k]! += meters * fault.coverage;
      if (fault.isOutage) continue;
      setEnergy(day, cell, k, fault.coverage, energy);
      sums.consumptionWh[k]! += energy.consumptionWh;
      sums.productionWh[k]! += energy.productionWh;
      sums.selfUseWh[k]! += energy.selfUseWh;
    }
  }
  day.sums = sums;
  return sums;
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
  const localSun =
    1 +
    (factors.east[cell] as number) * (day.sunEast[k] as number) +
    (factors.north[cell] as number) * (day.sunNorth[k] as number);
  const productionW = (factors.solarW[cell] as number) * (day.yield[k] as number) * localSun;
  const consumptionWh = Math.round(consumptionW * hours);
  const productionWh = Math.round(productionW * hours);
  // Homes with a roof use what they can; the smooth minimum stands for homes that differ. It is
  // below both, and the whole numbers are held to the same.
  const roofWh = consumptionWh * (factors.roofShare[cell] as number);
  const selfUse =
    productionWh === 0 ? 0 : (roofWh * productionWh) / Math.sqrt(roofWh ** 2 + productionWh ** 2);
  out.consumptionWh = consumptionWh;
  out.productionWh = productionWh;
  out.selfUseWh = Math.min(consumptionWh, productionWh, Math.floor(selfUse));
}

function createColumns(
  monitor: Monitor,
  firstInterval: number,
  intervalSeconds: number,
  intervalCount: number,
): MonitorDay {
  const column = () => new Float64Array(intervalCount);
  return {
    monitor,
    firstInterval,
    intervalSeconds,
    load: column(),
    heatK: column(),
    coolK: column(),
    yield: column(),
    sunEast: column(),
    sunNorth: column(),
    sums: undefined,
  };
}

/** The mean of the weather's steps within the interval. */
function setWeather(
  columns: MonitorDay,
  k: number,
  steps: WeatherDay,
  intervalSeconds: number,
): void {
  const from = Math.floor((k * intervalSeconds) / STEP_SECONDS);
  const until = Math.max(from + 1, Math.floor(((k + 1) * intervalSeconds) / STEP_SECONDS));
  let temperatureC = 0;
  let inPlaneWm2 = 0;
  for (let step = from; step < until; step++) {
    temperatureC += steps.temperatureC[step] as number;
    // Cosine between the sun and a plane that faces south.
    const facing =
      TILT_COS * (steps.sunUp[step] as number) - TILT_SIN * (steps.sunNorth[step] as number);
    inPlaneWm2 +=
      Math.max(0, facing) * (steps.beamWm2[step] as number) +
      (steps.diffuseWm2[step] as number) * ((1 + TILT_COS) / 2);
  }
  temperatureC /= until - from;
  inPlaneWm2 /= until - from;
  columns.heatK[k] =
    Math.max(0, HEAT_BELOW_C - temperatureC) * (0.4 + 0.4 * (columns.load[k] ?? 1));
  columns.coolK[k] =
    Math.max(0, temperatureC - COOL_ABOVE_C) * (0.4 + 0.4 * (columns.load[k] ?? 1));
  columns.yield[k] = (PERFORMANCE_RATIO * inPlaneWm2) / 1000;
}
