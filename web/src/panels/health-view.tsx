import type { JSX } from 'preact';

export function HealthView(): JSX.Element | null {
  return null;
}
