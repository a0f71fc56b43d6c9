// The keys that work anywhere on the page but where the reader types.

import { openSearch } from '../controls/search-box.tsx';
import { dismissedRow, pointedWith } from '../map/map-state.ts';
import { goUp } from '../state/steps.ts';
import { hoveredRow } from '../state/view.ts';
import { isHelpOpen } from './help-dialog.tsx';

export function startPageKeys(): void {
  addEventListener('keydown', (event) => {
    if (event.defaultPrevented || event.altKey || event.ctrlKey || event.metaKey) return;
    if (isHelpOpen.peek() || isTyping(event.target)) return;
    if (event.key === '/') openSearch();
    else if (event.key === '?') isHelpOpen.value = true;
    else if (event.key === 'Escape') leave();
    else return;
    event.preventDefault();
  });
}

/** A tooltip of the pointer closes first; the keyboard's goes with its level. */
function leave(): void {
  const id = hoveredRow.peek();
  if (id !== undefined && pointedWith.peek() === 'pointer' && dismissedRow.peek() !== id) {
    dismissedRow.value = id;
    return;
  }
  goUp();
}

function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target.closest('[popover], dialog') !== null) return true;
  if (target instanceof HTMLInputElement)
    return ['text', 'search', 'password'].includes(target.type);
  return target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement;
}
