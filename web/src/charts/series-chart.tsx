import type { JSX } from 'preact';

export function SeriesChart(): JSX.Element | null {
  return null;
}
