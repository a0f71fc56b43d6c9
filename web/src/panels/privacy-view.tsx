import type { JSX } from 'preact';

export function PrivacyView(): JSX.Element | null {
  return null;
}
