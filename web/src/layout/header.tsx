// What this is, what of it is simulated, how old it is; and the page's few switches.

import './header.css';
import { type Signal, signal } from '@preact/signals';
import type { JSX } from 'preact';
import { map } from '../state/data.ts';
import { showPanel } from '../state/navigate.ts';
import { chooseTheme, theme } from '../state/theme.ts';
import { type Panel, panel } from '../state/view.ts';
import { AgeBar } from './age-bar.tsx';
import { isHelpOpen } from './help-dialog.tsx';

/** On a narrow screen the note is two lines until the reader asks for the rest. */
const isNoteOpen: Signal<boolean> = signal(false);

const PANEL_WORDS: readonly (readonly [Panel, string])[] = [
  ['map', 'Map'],
  ['privacy', 'Privacy'],
  ['health', 'Health'],
];

export function Header(): JSX.Element {
  const about = map.value;
  const panels = PANEL_WORDS.filter(([id]) => id !== 'privacy' || about?.hasEvidence === true);
  const other = theme.value === 'dark' ? 'light' : 'dark';
  return (
    <header class="top">
      <div class="top-bar">
        <h1 class="brand">
          <Logo />
          {about?.title ?? 'Streetwatt'}
        </h1>
        <AgeBar />
        <nav class="views" aria-label="Views">
          {panels.map(([id, label]) => (
            <button
              key={id}
              type="button"
              class="tab"
              aria-current={panel.value === id ? 'page' : undefined}
              onClick={() => showPanel(id)}
            >
              {label}
            </button>
          ))}
        </nav>
        <div class="top-tools">
          <button
            type="button"
            class="icon-button"
            aria-label={`Switch to the ${other} theme`}
            title={`Switch to the ${other} theme`}
            onClick={() => chooseTheme(other)}
          >
            <ThemeIcon />
          </button>
          <button
            type="button"
            class="icon-button"
            aria-label="Keyboard help"
            title="Keyboard help (?)"
            onClick={() => {
              isHelpOpen.value = true;
            }}
          >
            ?
          </button>
        </div>
      </div>
      {about?.simulationNote != null && (
        <p class="simulated">
          <span class={isNoteOpen.value ? 'simulated-text' : 'simulated-text is-short'}>
            <strong>Simulated</strong> {about.simulationNote}
          </span>
          <button
            type="button"
            class="link simulated-more"
            aria-expanded={isNoteOpen.value}
            onClick={() => {
              isNoteOpen.value = !isNoteOpen.peek();
            }}
          >
            {isNoteOpen.value ? 'Less' : 'All of it'}
          </button>
        </p>
      )}
    </header>
  );
}

function Logo(): JSX.Element {
  return (
    <svg width="18" height="18" viewBox="0 0 18 18" aria-hidden="true" class="logo">
      <path d="M2,16V8l4,-3v11zM7,16V5l4,-3v14zM12,16V8l4,3v5z" />
    </svg>
  );
}

function ThemeIcon(): JSX.Element {
  return (
    <svg width="16" height="16" viewBox="0 0 16 16" aria-hidden="true">
      <circle cx="8" cy="8" r="6" fill="none" stroke="currentColor" stroke-width="1.5" />
      <path d="M8,2a6,6 0 0 1 0,12z" fill="currentColor" />
    </svg>
  );
}
