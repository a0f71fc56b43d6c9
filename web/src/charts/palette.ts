// The charts' colours, read from the page's custom properties: canvas knows no CSS. They are read again
// when the theme changes, by the page's own switch, the system's, or for print.

import { type Signal, signal } from '@preact/signals';
import { useEffect } from 'preact/hooks';

export interface Palette {
  readonly lines: Readonly<Record<'net' | 'consumption' | 'production' | 'coverage', string>>;
  readonly text: string;
  readonly faint: string;
  readonly grid: string;
  readonly zero: string;
  readonly accent: string;
  readonly band: string;
  readonly font: string;
}

export const palette: Signal<Palette | undefined> = signal(undefined);

/** Keeps the palette in step with the theme while the component is on the page. */
export function usePalette(): Palette | undefined {
  useEffect(() => {
    const read = () => {
      palette.value = readPalette();
    };
    read();
    const observer = new MutationObserver(read);
    observer.observe(document.documentElement, { attributeFilter: ['data-theme', 'class'] });
    const queries = ['(prefers-color-scheme: dark)', 'print'].map((query) => matchMedia(query));
    for (const query of queries) query.addEventListener('change', read);
    return () => {
      observer.disconnect();
      for (const query of queries) query.removeEventListener('change', read);
    };
  }, []);
  return palette.value;
}

function readPalette(): Palette {
  const style = getComputedStyle(document.documentElement);
  const color = (name: string): string => style.getPropertyValue(name).trim() || 'gray';
  return {
    lines: {
      net: color('--net'),
      consumption: color('--consumption'),
      production: color('--production'),
      coverage: color('--coverage'),
    },
    text: color('--text-soft'),
    faint: color('--text-faint'),
    grid: color('--line'),
    zero: color('--line-strong'),
    accent: color('--accent'),
    band: color('--surface-sunken'),
    // Canvas wants pixels: the reader's own text size, a little smaller.
    font: `${Math.round(Number.parseFloat(style.fontSize) * 0.72)}px ${style.fontFamily || 'sans-serif'}`,
  };
}
