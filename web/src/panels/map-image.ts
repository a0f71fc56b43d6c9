// The map as a picture that stands alone: its SVG with the page's styles written into it, drawn on a
// canvas with title, interval, unit, legend, licence and attribution.

export interface ImageLegendItem {
  readonly color: string;
  readonly label: string;
}

export interface MapImage {
  readonly svg: SVGSVGElement;
  readonly title: string;
  readonly subtitle: string;
  readonly legendTitle: string;
  readonly legend: readonly ImageLegendItem[];
  /** Licence, attribution and what is simulated: one line each, wrapped where needed. */
  readonly footer: readonly string[];
}

/** What a picture outside the page would not know. Attributes, since the page's policy forbids styles. */
const STYLES = [
  'fill',
  'fill-opacity',
  'stroke',
  'stroke-width',
  'stroke-opacity',
  'stroke-dasharray',
  'stroke-linejoin',
  'stroke-linecap',
  'vector-effect',
  'opacity',
  'visibility',
  'display',
  'paint-order',
  'font-family',
  'font-size',
  'font-weight',
  'text-anchor',
  'dominant-baseline',
  'letter-spacing',
] as const;

const SCALE = 2;
const MARGIN = 20;
const LINE = 18;

/** @throws Error where the browser cannot draw it. */
export async function drawMapImage(image: MapImage): Promise<Blob> {
  const box = image.svg.getBoundingClientRect();
  const [width, height] = [Math.max(box.width, 320), Math.max(box.height, 240)];
  const picture = await loadPicture(standaloneSvg(image.svg, width, height));
  const style = getComputedStyle(document.documentElement);
  const color = (name: string): string => style.getPropertyValue(name).trim() || '#888';
  const font = (size: number, weight = 400): string => `${weight} ${size}px ${style.fontFamily}`;

  const canvas = document.createElement('canvas');
  const context = canvas.getContext('2d');
  if (context === null) throw new Error('This browser offers no canvas.');
  context.font = font(12);
  const footer = image.footer.flatMap((line) => wrapLine(context, line, width - 2 * MARGIN));
  const legendRows = layOutLegend(context, image.legend, width - 2 * MARGIN);
  const headHeight = MARGIN + 30 + LINE + 6;
  const legendHeight = LINE * (1 + legendRows.length) + 14;
  const fullHeight = headHeight + height + legendHeight + footer.length * LINE + MARGIN;
  canvas.width = width * SCALE;
  canvas.height = fullHeight * SCALE;
  context.scale(SCALE, SCALE);

  context.fillStyle = color('--surface');
  context.fillRect(0, 0, width, fullHeight);
  const write = (text: string, x: number, y: number, ink: string, size: number, weight = 400) => {
    context.font = font(size, weight);
    context.fillStyle = color(ink);
    context.fillText(text, x, y, width - x - MARGIN);
  };
  write(image.title, MARGIN, MARGIN + 22, '--text', 22, 600);
  write(image.subtitle, MARGIN, MARGIN + 22 + LINE + 4, '--text-soft', 13);
  context.drawImage(picture, 0, headHeight, width, height);

  let y = headHeight + height + LINE;
  write(image.legendTitle, MARGIN, y, '--text', 13, 600);
  for (const row of legendRows) {
    y += LINE;
    for (const item of row) {
      context.fillStyle = item.color;
      context.fillRect(MARGIN + item.x, y - 11, 14, 12);
      context.strokeStyle = color('--line-strong');
      context.strokeRect(MARGIN + item.x + 0.5, y - 10.5, 13, 11);
      write(item.label, MARGIN + item.x + 20, y, '--text', 12);
    }
  }
  y += 14;
  for (const line of footer) {
    y += LINE;
    write(line, MARGIN, y, '--text-soft', 12);
  }
  return await new Promise((resolve, reject) => {
    canvas.toBlob((blob) => {
      if (blob === null) reject(new Error('This browser cannot write the picture.'));
      else resolve(blob);
    }, 'image/png');
  });
}

/** A copy that needs neither the page's style sheets nor its custom properties. */
export function standaloneSvg(svg: SVGSVGElement, width: number, height: number): string {
  const copy = svg.cloneNode(true) as SVGSVGElement;
  const originals = [svg, ...svg.querySelectorAll('*')];
  const copies = [copy, ...copy.querySelectorAll('*')];
  originals.forEach((original, i) => {
    const target = copies[i];
    if (target === undefined) return;
    const style = getComputedStyle(original);
    for (const name of STYLES) {
      const value = style.getPropertyValue(name);
      // A reference is written with the page's address in some browsers: only its name holds here.
      if (value !== '')
        target.setAttribute(name, value.replace(/url\("?[^#"]*#([^")]+)"?\)/, 'url(#$1)'));
    }
    const { transform } = style;
    if (i > 0 && transform.startsWith('matrix(')) target.setAttribute('transform', transform);
    target.removeAttribute('class');
    target.removeAttribute('style');
  });
  copy.setAttribute('xmlns', 'http://www.w3.org/2000/svg');
  copy.setAttribute('width', String(width));
  copy.setAttribute('height', String(height));
  if (!copy.hasAttribute('viewBox')) copy.setAttribute('viewBox', `0 0 ${width} ${height}`);
  return new XMLSerializer().serializeToString(copy);
}

async function loadPicture(svgText: string): Promise<HTMLImageElement> {
  const url = URL.createObjectURL(new Blob([svgText], { type: 'image/svg+xml' }));
  try {
    const picture = new Image();
    picture.src = url;
    await picture.decode();
    return picture;
  } finally {
    URL.revokeObjectURL(url);
  }
}

function layOutLegend(
  context: CanvasRenderingContext2D,
  legend: readonly ImageLegendItem[],
  maxWidth: number,
): (ImageLegendItem & { readonly x: number })[][] {
  const rows: (ImageLegendItem & { readonly x: number })[][] = [];
  let x = Number.POSITIVE_INFINITY;
  for (const item of legend) {
    const itemWidth = 20 + context.measureText(item.label).width + 18;
    if (x + itemWidth > maxWidth) {
      rows.push([]);
      x = 0;
    }
    rows.at(-1)?.push({ ...item, x });
    x += itemWidth;
  }
  return rows;
}

function wrapLine(context: CanvasRenderingContext2D, text: string, maxWidth: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    const longer = line === '' ? word : `${line} ${word}`;
    if (line !== '' && context.measureText(longer).width > maxWidth) {
      lines.push(line);
      line = word;
    } else line = longer;
  }
  return line === '' ? lines : [...lines, line];
}
