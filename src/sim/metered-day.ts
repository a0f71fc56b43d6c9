// A home's day as its meters count it: whole watt-hours per interval.

import type { HomeDay } from './home-day.ts';
import { STEP_SECONDS, STEPS_PER_DAY } from './weather.ts';

export interface SimulatedReading {
  readonly importWh: number;
  readonly exportWh: number;
  /** 0 without a roof. */
  readonly productionWh: number;
}

/** Columns over the day's intervals: 50,000 homes have 1 KB each, where objects would take 4. */
export interface MeteredDay {
  readonly importWh: Int32Array;
  readonly exportWh: Int32Array;
  readonly productionWh: Int32Array;
}

/** consumption = import + production - export, exactly and never below zero: it is defined so. */
export function meterDay(
  { consumptionW, productionW }: HomeDay,
  intervalSeconds: number,
): MeteredDay {
  const stepsPerInterval = intervalSeconds / STEP_SECONDS;
  const intervalCount = STEPS_PER_DAY / stepsPerInterval;
  const whPerW = STEP_SECONDS / 3600;
  const day: MeteredDay = {
    importWh: new Int32Array(intervalCount),
    exportWh: new Int32Array(intervalCount),
    productionWh: new Int32Array(intervalCount),
  };
  for (let interval = 0; interval < intervalCount; interval++) {
    let importW = 0;
    let exportW = 0;
    let producedW = 0;
    const end = (interval + 1) * stepsPerInterval;
    for (let step = interval * stepsPerInterval; step < end; step++) {
      const produced = productionW[step] as number;
      const netW = (consumptionW[step] as number) - produced;
      if (netW > 0) importW += netW;
      else exportW -= netW;
      producedW += produced;
    }
    const importWh = Math.round(importW * whPerW);
    const productionWh = Math.round(producedW * whPerW);
    day.importWh[interval] = importWh;
    day.productionWh[interval] = productionWh;
    // Three roundings can leave one watt-hour more exported than there was.
    day.exportWh[interval] = Math.min(Math.round(exportW * whPerW), importWh + productionWh);
  }
  return day;
}
