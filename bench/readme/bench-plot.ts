// Readings per core-second by scheme, as an SVG: bars on a logarithmic scale. Colours follow the
// reader's light or dark page, since an image in a README has no other way to know it.

import { formatMachine, formatNumber } from '../harness/format.ts';
import type { ResultsFile } from '../harness/results-file.ts';
import { type Scheme, schemesOf } from './schemes.ts';

const WIDTH = 760;
const LABEL_WIDTH = 250;
const VALUE_WIDTH = 90;
const ROW_HEIGHT = 34;
const BAR_HEIGHT = 18;
const TOP = 58;
const BOTTOM = 52;
const SCALE_WIDTH: number = WIDTH - LABEL_WIDTH - VALUE_WIDTH;

/** 1, 10, 100, 1K: there is no room for more between two lines. */
const SHORT: Intl.NumberFormat = new Intl.NumberFormat('en-US', { notation: 'compact' });

const STYLE = `
  text { font: 13px system-ui, -apple-system, "Segoe UI", sans-serif; fill: #1c2430; }
  .title { font-size: 15px; font-weight: 600; }
  .small { font-size: 11px; fill: #57606a; }
  .grid { stroke: #d0d7de; }
  .bar { fill: #8c959f; }
  .own { fill: #0969da; }
  .own-text { font-weight: 600; }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6edf3; }
    .small { fill: #9198a1; }
    .grid { stroke: #3d444d; }
    .bar { fill: #656c76; }
    .own { fill: #4493f8; }
  }
`;

export function drawBenchPlot(file: ResultsFile): string {
  const schemes = schemesOf(file);
  const rates = schemes.map(({ readingsPerCoreSecond }) => readingsPerCoreSecond);
  // Whole powers of ten, the lowest below every bar: a bar on this scale has no zero to begin at.
  const from = Math.ceil(Math.log10(Math.min(...rates))) - 1;
  const to = Math.ceil(Math.log10(Math.max(...rates)));
  const xOf = (rate: number) =>
    LABEL_WIDTH + (SCALE_WIDTH * (Math.log10(rate) - from)) / (to - from);
  const height = TOP + ROW_HEIGHT * schemes.length + BOTTOM;
  const ticks = Array.from({ length: to - from + 1 }, (_, index) => 10 ** (from + index));
  const description = schemes
    .map(({ name, readingsPerCoreSecond }) => `${name}: ${formatNumber(readingsPerCoreSecond)}`)
    .join('; ');
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${height}" viewBox="0 0 ${WIDTH} ${height}" role="img" aria-labelledby="bench-title bench-desc">`,
    '<title id="bench-title">Readings per core-second, by scheme, on a logarithmic scale</title>',
    `<desc id="bench-desc">${escapeXml(`${description}. ${formatMachine(file.machine)}.`)}</desc>`,
    `<style>${STYLE}</style>`,
    '<text class="title" x="12" y="24">Readings per core-second</text>',
    `<text class="small" x="12" y="42">three channels, all parties' work counted; logarithmic: each line is ten times the one before</text>`,
    ...ticks.map((tick) => drawTick(xOf(tick), height - BOTTOM, tick)),
    ...schemes.map((scheme, row) =>
      drawBar(scheme, TOP + ROW_HEIGHT * row, xOf(scheme.readingsPerCoreSecond)),
    ),
    `<text class="small" x="12" y="${height - 10}">${escapeXml(formatMachine(file.machine))}</text>`,
    '</svg>',
    '',
  ].join('\n');
}

function drawTick(x: number, y: number, value: number): string {
  return [
    `<line class="grid" x1="${round(x)}" x2="${round(x)}" y1="${TOP - 4}" y2="${y}"/>`,
    `<text class="small" x="${round(x)}" y="${y + 14}" text-anchor="middle">${SHORT.format(value)}</text>`,
  ].join('');
}

function drawBar({ id, name, readingsPerCoreSecond }: Scheme, top: number, x: number): string {
  const isOwn = id === 'streetwatt';
  const textClass = isOwn ? ' class="own-text"' : '';
  const middle = top + ROW_HEIGHT / 2;
  return [
    `<text${textClass} x="${LABEL_WIDTH - 10}" y="${middle + 4}" text-anchor="end">${escapeXml(name)}</text>`,
    `<rect class="${isOwn ? 'own' : 'bar'}" x="${LABEL_WIDTH}" y="${middle - BAR_HEIGHT / 2}" width="${round(x - LABEL_WIDTH)}" height="${BAR_HEIGHT}" rx="2"/>`,
    `<text${textClass} x="${round(x + 7)}" y="${middle + 4}">${formatNumber(readingsPerCoreSecond)}</text>`,
  ].join('');
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

function escapeXml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
