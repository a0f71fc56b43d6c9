// Light or dark: the reader's system decides until the reader does.

import { effect, type Signal, signal } from '@preact/signals';
import type { Theme } from '../map/palette.ts';

export type ThemeChoice = Theme | 'system';

const STORAGE_KEY = 'streetwatt-theme';
const system = matchMedia('(prefers-color-scheme: dark)');

export const themeChoice: Signal<ThemeChoice> = signal(readChoice());
/** What is shown. */
export const theme: Signal<Theme> = signal('light');

const isPrinting: Signal<boolean> = signal(false);

export function startTheme(): void {
  const apply = () => {
    const choice = isPrinting.value ? 'light' : themeChoice.value;
    const shown = choice === 'system' ? (system.matches ? 'dark' : 'light') : choice;
    document.documentElement.dataset.theme = shown;
    theme.value = shown;
  };
  effect(apply);
  system.addEventListener('change', apply);
  // Paper is white.
  addEventListener('beforeprint', () => {
    isPrinting.value = true;
  });
  addEventListener('afterprint', () => {
    isPrinting.value = false;
  });
}

export function chooseTheme(choice: ThemeChoice): void {
  themeChoice.value = choice;
  try {
    localStorage.setItem(STORAGE_KEY, choice);
  } catch {
    // A browser that stores nothing still shows what was chosen.
  }
}

function readChoice(): ThemeChoice {
  try {
    const stored = localStorage.getItem(STORAGE_KEY);
    return stored === 'light' || stored === 'dark' ? stored : 'system';
  } catch {
    return 'system';
  }
}
