// A solar roof in the weather of its municipality: beam, isotropic sky and ground.

import type { SolarRoof } from './home.ts';
import type { WeatherDay } from './weather.ts';

const GROUND_ALBEDO = 0.2;
const STANDARD_WM2 = 1000;

/** Alternating watts during a step; the inverter is rated at 90 % of the modules. */
export function roofW(roof: SolarRoof, weather: WeatherDay, step: number): number {
  const globalWm2 = weather.globalWm2[step] as number;
  if (globalWm2 === 0) return 0;
  const incidence =
    roof.normalEast * (weather.sunEast[step] as number) +
    roof.normalNorth * (weather.sunNorth[step] as number) +
    roof.normalUp * (weather.sunUp[step] as number);
  const planeWm2 =
    (weather.beamWm2[step] as number) * Math.max(0, incidence) +
    ((weather.diffuseWm2[step] as number) * (1 + roof.normalUp)) / 2 +
    (GROUND_ALBEDO * globalWm2 * (1 - roof.normalUp)) / 2;
  return Math.min((roof.peakW * planeWm2 * roof.performanceRatio) / STANDARD_WM2, 0.9 * roof.peakW);
}
