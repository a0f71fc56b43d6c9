// The keys, on one card.

import './help-dialog.css';
import { type Signal, signal, useSignalEffect } from '@preact/signals';
import type { JSX } from 'preact';
import { useRef } from 'preact/hooks';

export const isHelpOpen: Signal<boolean> = signal(false);

const KEYS: readonly (readonly [keys: readonly string[], what: string])[] = [
  [['Tab'], 'To the map, then to the panels'],
  [['←', '→', '↑', '↓'], 'On the map: to the nearest area that way'],
  [['Enter'], 'Into the area'],
  [['Esc'], 'Close the tooltip, then up one level'],
  [['/'], 'Find an area'],
  [['+', '−', '0'], 'On the map: closer, farther, the whole level'],
  [['Home', 'End'], 'On the map: to the first, the last area'],
  [['←', '→'], 'On the time slider: one interval back, forth'],
  [['?'], 'This card'],
];

export function HelpDialog(): JSX.Element {
  const dialog = useRef<HTMLDialogElement>(null);
  useSignalEffect(() => {
    if (isHelpOpen.value) dialog.current?.showModal();
    else dialog.current?.close();
  });
  return (
    <dialog
      ref={dialog}
      class="help"
      aria-labelledby="help-title"
      onClose={() => {
        isHelpOpen.value = false;
      }}
    >
      <h2 id="help-title">Keyboard</h2>
      <dl>
        {KEYS.map(([keys, what]) => (
          <div key={what}>
            <dt>
              {keys.map((key) => (
                <kbd key={key}>{key}</kbd>
              ))}
            </dt>
            <dd>{what}</dd>
          </div>
        ))}
      </dl>
      <form method="dialog">
        <button type="submit" class="button">
          Close
        </button>
      </form>
    </dialog>
  );
}
