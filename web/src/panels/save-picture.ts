// Gathers what the picture of the map says, and hands the file to the browser.

import { CELL_STATES } from '../../../src/map/cell-state.ts';
import { classRange } from '../../../src/map/classes.ts';
import { area, frameStart, map, stageArea } from '../state/data.ts';
import { energyFormat, timeFormat } from '../state/formats.ts';
import { classes, palette } from '../state/level.ts';
import { metric, scale } from '../state/view.ts';
import { METRIC_WORDS, SCALE_WORDS } from '../state/words.ts';
import { fileStem } from './export-links.ts';
import { drawMapImage, type ImageLegendItem } from './map-image.ts';

/** @throws Error where there is no map on the page, or the browser cannot draw it. */
export async function savePicture(): Promise<void> {
  const found = document.getElementById('energy-map') ?? document.querySelector('.map-svg');
  const svg = found instanceof SVGSVGElement ? found : found?.querySelector('svg');
  const about = map.peek();
  const start = frameStart.peek();
  const shown = stageArea.peek() ?? area.peek();
  if (!(svg instanceof SVGSVGElement) || about === undefined || start === undefined || !shown)
    throw new Error('There is no map to draw.');
  const end = start + about.intervalSeconds;
  const format = timeFormat.peek();
  const blob = await drawMapImage({
    svg,
    title: shown.name,
    subtitle:
      `${format.day(start * 1000)}, ${format.intervalLocal(start * 1000, end * 1000)} ` +
      `(${format.intervalUtc(start * 1000, end * 1000)})`,
    legendTitle: legendTitle(),
    legend: legendItems(),
    footer: [
      ...(about.simulationNote === null ? [] : [about.simulationNote]),
      `Patterned areas are no zeros: ${CELL_STATES.withheld.label.toLowerCase()} is hatched, ${CELL_STATES.late.label.toLowerCase()} dotted.`,
      `Figures: ${about.title}, ${about.dataLicence}.`,
      ...about.attributions.map((item) => `${item.text} (${item.licence}), ${item.url}`),
    ],
  });
  const url = URL.createObjectURL(blob);
  const link = document.createElement('a');
  link.href = url;
  link.download = `${fileStem(shown.id, { fromSeconds: start, untilSeconds: end })}.png`;
  link.click();
  // The download has begun by then; an address that is kept keeps the picture in memory.
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}

function legendTitle(): string {
  const shown = metric.peek();
  const { label } = METRIC_WORDS[shown];
  if (shown === 'coverage') return `${label}, share of the meters`;
  return `${label}, mean power over the interval, ${SCALE_WORDS[scale.peek()]}`;
}

function legendItems(): ImageLegendItem[] {
  const known = classes.peek();
  if (known === undefined) return [];
  const print = (value: number): string =>
    known.unit === 'share'
      ? energyFormat.share(value)
      : energyFormat.power(value, { isShort: true, isSigned: known.kind === 'diverging' });
  return palette.peek().map((color, i) => {
    const [from, until] = classRange(known, i);
    if (from === undefined && until === undefined) return { color, label: 'all' };
    if (from === undefined) return { color, label: `below ${print(until ?? 0)}` };
    return {
      color,
      label: until === undefined ? `${print(from)} and more` : `${print(from)} to ${print(until)}`,
    };
  });
}
