import type { JSX } from 'preact';

export function ExportMenu(): JSX.Element | null {
  return null;
}
