import type { JSX } from 'preact';

export function Headline(): JSX.Element | null {
  return null;
}
