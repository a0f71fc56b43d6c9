import type { JSX } from 'preact';

export function TimeSlider(): JSX.Element | null {
  return null;
}
