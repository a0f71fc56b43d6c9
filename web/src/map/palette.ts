// The colours of the classes. More stands out more from the ground: on a dark page a large figure is
// bright, on a light page it is deep. Viridis and cividis stay readable for colour-blind eyes and in
// grey; net goes from blue (exports) over a neutral zero to orange and red (draws).

import { interpolateCividis, interpolateViridis } from 'd3-scale-chromatic';
import { type Classes, classCount } from '../../../src/map/classes.ts';
import type { Metric } from '../../../src/map/metric.ts';

export type Theme = 'light' | 'dark';

const NET: Readonly<Record<Theme, readonly string[]>> = {
  light: ['#2166ac', '#67a9cf', '#c3ddec', '#f4f4f2', '#fbd5bd', '#ec8a5e', '#b5311c'],
  dark: ['#8ccbff', '#4b93d1', '#2c5a86', '#3a4249', '#7c4a2e', '#c76f38', '#ffad66'],
};

/** The ends of the scales are cut: nearly black and nearly white are the page's own. */
const ENDS: Readonly<Record<Theme, readonly [number, number]>> = {
  light: [0.97, 0.08],
  dark: [0.12, 0.98],
};

/** From the lowest class to the highest. */
export function paletteOf(classes: Classes, metric: Metric, theme: Theme): readonly string[] {
  const count = classCount(classes);
  if (classes.kind === 'diverging') return resample(NET[theme], count);
  const isMade = metric === 'production' || metric === 'export' || metric === 'coverage';
  const interpolate = isMade ? interpolateCividis : interpolateViridis;
  const [first, last] = ENDS[theme];
  return Array.from({ length: count }, (_, i) =>
    interpolate(count === 1 ? last : first + ((last - first) * i) / (count - 1)),
  );
}

function resample(colours: readonly string[], count: number): readonly string[] {
  return Array.from(
    { length: count },
    (_, i) => colours[Math.round((i * (colours.length - 1)) / Math.max(1, count - 1))] as string,
  );
}
