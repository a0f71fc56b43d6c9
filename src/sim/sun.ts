// Where the sun stands, and what a clear sky lets through.

/** A unit vector in east, north, up; `up` is the cosine of the zenith angle. */
export interface SunDirection {
  readonly east: number;
  readonly north: number;
  readonly up: number;
}

/** W/m^2 outside the atmosphere. */
export const SOLAR_CONSTANT_WM2 = 1361;

const DEGREE: number = Math.PI / 180;

/** Cooper's declination and Spencer's equation of time, cut to two terms: within half a degree. */
export function sunDirection(
  unixSeconds: number,
  yearDay: number,
  latDeg: number,
  lonDeg: number,
): SunDirection {
  const declination = 23.45 * DEGREE * Math.sin((2 * Math.PI * (284 + yearDay)) / 365);
  const b = (2 * Math.PI * (yearDay - 81)) / 364;
  const equationOfTimeHours =
    (9.87 * Math.sin(2 * b) - 7.53 * Math.cos(b) - 1.5 * Math.sin(b)) / 60;
  const utcHours = (unixSeconds % 86_400) / 3600;
  const hourAngle = 15 * DEGREE * (utcHours + lonDeg / 15 + equationOfTimeHours - 12);
  const lat = latDeg * DEGREE;
  const cosDeclination = Math.cos(declination);
  const sinDeclination = Math.sin(declination);
  return {
    east: -cosDeclination * Math.sin(hourAngle),
    north: Math.cos(lat) * sinDeclination - Math.sin(lat) * cosDeclination * Math.cos(hourAngle),
    up: Math.sin(lat) * sinDeclination + Math.cos(lat) * cosDeclination * Math.cos(hourAngle),
  };
}

/** Global horizontal irradiance of a clear sky (Haurwitz 1945), W/m^2. */
export function clearSkyWm2(cosZenith: number): number {
  return cosZenith <= 0 ? 0 : 1098 * cosZenith * Math.exp(-0.059 / cosZenith);
}

/** How much of the global irradiance is diffuse (Erbs, Klein, Duffie 1982), from the clearness. */
export function diffuseShare(clearness: number): number {
  if (clearness <= 0.22) return 1 - 0.09 * clearness;
  if (clearness > 0.8) return 0.165;
  return (
    0.9511 +
    (-0.1604 + (4.388 + (-16.638 + 12.336 * clearness) * clearness) * clearness) * clearness
  );
}
