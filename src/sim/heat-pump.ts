// An air-source heat pump: electricity for the heat that the home loses, by on and off.

import { localTime } from './calendar.ts';
import type { HeatPump } from './home.ts';

/** Sun and people heat the rest of the way to 20 C. */
const HEATING_LIMIT_C = 15.5;
const COOLING_LIMIT_C = 26;
const FLOW_C = 40;

/** Watts at this moment: all or nothing, the share of the time on being the load. */
export function heatPumpW(pump: HeatPump, temperatureC: number, unixSeconds: number): number {
  const heatingK = Math.max(0, HEATING_LIMIT_C - temperatureC);
  const coolingK = Math.max(0, temperatureC - COOLING_LIMIT_C);
  if (heatingK === 0 && coolingK === 0) return 0;
  const heatW = pump.lossWPerK * (heatingK * nightSetback(unixSeconds) + coolingK);
  const duty = Math.min(1, heatW / pump.ratedHeatW);
  const phase = ((unixSeconds + pump.phaseSeconds) / pump.cycleSeconds) % 1;
  if (phase >= duty) return 0;
  return pump.ratedHeatW / performance(heatingK > 0 ? FLOW_C - temperatureC : temperatureC - 7);
}

/** Two peaks, and nights of some 40 % of them (Love et al., load-facts section 4). */
function nightSetback(unixSeconds: number): number {
  const { hour } = localTime(unixSeconds);
  if (hour < 6 || hour >= 23) return 0.55;
  return hour < 10 || hour >= 18 ? 1.35 : 0.95;
}

/** When2Heat's curve for air-source pumps over the temperature lift, 15 K or more. */
function performance(liftK: number): number {
  const lift = Math.max(15, liftK);
  return 6.08 - 0.09 * lift + 0.0005 * lift * lift;
}
