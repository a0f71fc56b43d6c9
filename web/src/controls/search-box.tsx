// Finds an area by name: a combobox with a list, as the ARIA practices describe it.

import './search-box.css';
import { type Signal, signal } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import type { SearchDocument } from '../../../src/server/wire.ts';
import { sleep } from '../api/client.ts';
import { getSearch } from '../api/documents.ts';
import { openArea } from '../state/navigate.ts';

type Result = SearchDocument['results'][number];

const TYPING_PAUSE_MS = 150;
const text: Signal<string> = signal('');
const results: Signal<readonly Result[] | undefined> = signal(undefined);
const active: Signal<number> = signal(-1);
const isOpen: Signal<boolean> = signal(false);

const SEARCH_INPUT_ID = 'search-input';

/** Where the reader was before; the way out leads back there. */
let cameFrom: Element | null = null;

export function openSearch(): void {
  cameFrom = document.activeElement;
  document.getElementById(SEARCH_INPUT_ID)?.focus();
}

export function SearchBox(): JSX.Element {
  const box = useRef<HTMLElement>(null);
  useEffect(() => {
    const words = text.value.trim();
    if (words === '') {
      results.value = undefined;
      return;
    }
    const stop = new AbortController();
    void find(words, stop.signal);
    return () => stop.abort();
  }, [text.value]);

  const found = results.value;
  const isListShown = isOpen.value && found !== undefined;
  return (
    <search
      ref={box}
      class="search"
      onFocusOut={(event) => {
        if (!box.current?.contains(event.relatedTarget as Node | null)) isOpen.value = false;
      }}
    >
      <input
        id={SEARCH_INPUT_ID}
        type="text"
        role="combobox"
        aria-label="Find an area"
        placeholder="Find an area  /"
        autocomplete="off"
        spellcheck={false}
        aria-autocomplete="list"
        aria-expanded={isListShown}
        aria-controls="search-list"
        aria-activedescendant={
          isListShown && active.value >= 0 ? `search-option-${active.value}` : undefined
        }
        value={text.value}
        onInput={(event) => {
          text.value = event.currentTarget.value;
          isOpen.value = true;
        }}
        onFocus={() => {
          isOpen.value = true;
        }}
        onKeyDown={onKey}
      />
      <div
        id="search-list"
        class="search-list"
        role="listbox"
        aria-label="Areas"
        tabindex={-1}
        hidden={!isListShown}
      >
        {found?.map((result, i) => (
          // biome-ignore lint/a11y/useKeyWithClickEvents: the input has the keys
          <div
            class="search-option"
            tabIndex={-1}
            key={result.id}
            id={`search-option-${i}`}
            role="option"
            aria-selected={i === active.value}
            onPointerDown={(event) => event.preventDefault()}
            onClick={() => choose(result)}
          >
            <span>{result.name}</span>
            <small>
              {result.level}
              {result.path === '' ? '' : ` · ${result.path}`}
            </small>
          </div>
        ))}
        {found?.length === 0 && <p class="search-none">No area has this name.</p>}
      </div>
    </search>
  );
}

async function find(words: string, signal: AbortSignal): Promise<void> {
  try {
    await sleep(TYPING_PAUSE_MS, signal);
    const document = await getSearch(words, { signal, retryCount: 1 });
    results.value = document.results;
    active.value = document.results.length > 0 ? 0 : -1;
  } catch {
    // Aborted by the next letter, or without an answer: the list stays as it is.
  }
}

function onKey(event: KeyboardEvent): void {
  const found = results.value ?? [];
  switch (event.key) {
    case 'ArrowDown':
    case 'ArrowUp': {
      const step = event.key === 'ArrowDown' ? 1 : -1;
      isOpen.value = true;
      if (found.length > 0) {
        active.value = (active.value + step + found.length) % found.length;
        document
          .getElementById(`search-option-${active.value}`)
          ?.scrollIntoView({ block: 'nearest' });
      }
      break;
    }
    case 'Enter': {
      const result = found[active.value];
      if (result !== undefined) choose(result);
      break;
    }
    case 'Escape':
      if (isOpen.value && text.value !== '') {
        text.value = '';
        isOpen.value = false;
      } else {
        (event.currentTarget as HTMLElement).blur();
        if (cameFrom instanceof SVGElement || cameFrom instanceof HTMLElement) cameFrom.focus();
        cameFrom = null;
      }
      break;
    default:
      return;
  }
  event.preventDefault();
  event.stopPropagation();
}

function choose(result: Result): void {
  text.value = '';
  isOpen.value = false;
  results.value = undefined;
  document.getElementById(SEARCH_INPUT_ID)?.blur();
  // From there the focus goes on into the level that opens.
  document.querySelector<SVGElement>('[role="application"] [tabindex="0"]')?.focus();
  openArea(result.id, 'jump');
}
