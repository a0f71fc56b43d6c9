// The simulator against published figures (../shared/load-facts.md).

import { describe, expect, it } from 'vitest';
import { dayNumber, localTime, SECONDS_PER_DAY } from '../../src/sim/calendar.ts';
import { createDayShape, SPANISH_DELAY_HOURS } from '../../src/sim/day-shape.ts';
import { dynamisation, h25Value } from '../../src/sim/h25.ts';
import { type Home, moduleNormal } from '../../src/sim/home.ts';
import { simulateHomeDay } from '../../src/sim/home-day.ts';
import { createHouseholds, type Household } from '../../src/sim/neighbourhood.ts';
import { roofW } from '../../src/sim/roof.ts';
import {
  createWeather,
  type Municipality,
  STEP_SECONDS,
  STEPS_PER_DAY,
} from '../../src/sim/weather.ts';

const MADRID: Municipality = {
  area: 'eu/es/meseta/madrid',
  latDeg: 40.4,
  lonDeg: -3.7,
  meanTemperatureC: 14.5,
  cloudiness: 0,
};

const surroundings = {
  shape: remember(createDayShape),
  weather: remember(createWeather(MADRID, 'facts')),
};

const homes: readonly Household[] = createHouseholds({ meters: 1000, seed: 'facts' });

describe('H25', () => {
  it.each([
    [1, 15, 19, 759],
    [1, 15, 3, 272],
    [7, 15, 19, 490],
  ])('gives 3,600 kWh a year its watts on a workday %i/%i at %i h', (month, day, hour, powerW) => {
    const value = h25Value(dayNumber(2026, month, day), hour);
    expect(value * 4 * 3.6).toBeGreaterThan(0.99 * powerW);
    expect(value * 4 * 3.6).toBeLessThan(1.01 * powerW);
  });

  it('is dynamised as BDEW says', () => {
    expect(dynamisation(15)).toBeCloseTo(1.257, 3);
    expect(dynamisation(105)).toBeCloseTo(1.009, 3);
    expect(dynamisation(196)).toBeCloseTo(0.786, 2);
  });
});

describe('a thousand homes', () => {
  it.each([
    ['workdays in January', 2026, 1, [12, 13, 14, 15, 19, 20, 21, 22, 26, 27]],
    ['Sundays in January', 2026, 1, [11, 18, 25]],
    ['workdays in July', 2026, 7, [6, 7, 8, 9, 13, 14, 15, 16]],
  ])('add up to the shape of H25 on %s, within 5 % RMSE', (_, year, month, dates) => {
    const days = dates.map((date) => dayNumber(year, month, date));
    const sumW = new Array<number>(96).fill(0);
    const expected = new Array<number>(96).fill(0);
    for (const day of days) {
      for (const home of homes) {
        for (const [i, powerW] of quarterHoursW(home, day).entries()) sumW[i]! += powerW;
      }
      for (let i = 0; i < 96; i++) {
        const middle = day * SECONDS_PER_DAY + (i + 0.5) * 900;
        const local = localTime(middle - SPANISH_DELAY_HOURS * 3600);
        expected[i]! += h25Value(local.day, local.hour);
      }
    }
    const [found, wanted] = [normalised(sumW), normalised(expected)];
    const squares = found.map((value, i) => (value - wanted[i]!) ** 2);
    expect(Math.sqrt(mean(squares))).toBeLessThan(0.05);
  });

  it('use what their size says over a year', () => {
    // Every 9th day meets each weekday and month alike.
    let energyKwh = 0;
    let days = 0;
    for (let day = dayNumber(2026, 1, 1); day < dayNumber(2027, 1, 1); day += 9, days++) {
      for (const home of homes.slice(0, 250)) energyKwh += mean(quarterHoursW(home, day)) * 0.024;
    }
    const wantedKwh = homes.slice(0, 250).reduce((sum, { home }) => sum + home.annualKwh, 0);
    expect((energyKwh / days) * 365).toBeGreaterThan(0.95 * wantedKwh);
    expect((energyKwh / days) * 365).toBeLessThan(1.05 * wantedKwh);
  });

  it('are each spiky: one home varies by more than 0.7 of its mean from quarter to quarter', () => {
    const variations = homes.slice(0, 200).map((home) => {
      const powersW = [12, 13, 14, 15, 16].flatMap((date) =>
        quarterHoursW(home, dayNumber(2026, 1, date)),
      );
      return standardDeviation(powersW) / mean(powersW);
    });
    const spiky = variations.filter((variation) => variation > 0.7);
    expect(spiky.length / variations.length).toBeGreaterThan(0.97);
    expect(mean(variations)).toBeGreaterThan(1);
  });
});

describe('solar roofs', () => {
  const south = {
    peakW: 1000,
    ...moduleNormal(30, 180),
    performanceRatio: 0.8,
    hasProductionMeter: true,
  };

  it('yield in Madrid what JRC says: 1,291 to 1,506 kWh per kWp and year', () => {
    const years = ['a', 'b', 'c'].map((seed) => annualKwh(south, createWeather(MADRID, seed)));
    expect(mean(years)).toBeGreaterThan(1291);
    expect(mean(years)).toBeLessThan(1506);
  });

  it('yield under a clear sky some 1,963 to the south and 1,554 to the east', () => {
    const clearSky = createWeather({ ...MADRID, cloudiness: -100 }, 'clear');
    expect(annualKwh(south, clearSky) / 1963).toBeCloseTo(1, 1);
    const east = { ...south, ...moduleNormal(30, 90) };
    expect(annualKwh(east, clearSky) / 1554).toBeCloseTo(1, 1);
  });

  it('share the clouds of their municipality with its neighbours, not with the far coast', () => {
    const noons = (area: string): number[] => {
      const weather = createWeather({ ...MADRID, area }, 'clouds');
      return Array.from({ length: 300 }, (_, day) => weather(20_000 + day).globalWm2[146]!);
    };
    const here = noons('eu/es/meseta/madrid');
    const near = correlation(here, noons('eu/es/meseta/getafe'));
    const far = correlation(here, noons('eu/es/costa/gijon'));
    expect(near).toBeGreaterThan(far);
    expect(far).toBeGreaterThan(0.3);
    expect(near).toBeLessThan(0.99);
  });
});

/** Quarter-hour means of a home's own load, which is what H25 describes: no car, no heat pump. */
function quarterHoursW({ home, seed }: Household, day: number): number[] {
  const { annualKwh: ownKwh, fuseW, standbyW, fridge } = home;
  const plain: Home = { annualKwh: ownKwh, fuseW, standbyW, fridge };
  const { consumptionW } = simulateHomeDay(plain, seed, day, surroundings);
  return Array.from({ length: 96 }, (_, i) => mean(consumptionW.subarray(3 * i, 3 * i + 3)));
}

function annualKwh(
  roof: Parameters<typeof roofW>[0],
  weather: ReturnType<typeof createWeather>,
): number {
  let sumW = 0;
  const firstDay = dayNumber(2026, 1, 1);
  for (let day = firstDay; day < firstDay + 365; day++) {
    const weatherDay = weather(day);
    for (let step = 0; step < STEPS_PER_DAY; step++) sumW += roofW(roof, weatherDay, step);
  }
  return (sumW * STEP_SECONDS) / 3_600_000;
}

function remember<Value>(create: (day: number) => Value): (day: number) => Value {
  const known = new Map<number, Value>();
  return (day) => {
    const value = known.get(day) ?? create(day);
    known.set(day, value);
    return value;
  };
}

function mean(values: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i]!;
  return sum / values.length;
}

function standardDeviation(values: readonly number[]): number {
  const center = mean(values);
  return Math.sqrt(mean(values.map((value) => (value - center) ** 2)));
}

function normalised(values: readonly number[]): number[] {
  const center = mean(values);
  return values.map((value) => value / center);
}

function correlation(a: readonly number[], b: readonly number[]): number {
  const [meanA, meanB] = [mean(a), mean(b)];
  const covariance = mean(a.map((value, i) => (value - meanA) * (b[i]! - meanB)));
  return covariance / (standardDeviation(a) * standardDeviation(b));
}
