// The one polite live region: what an update has changed, once for each interval and level, never cell
// by cell.

import { useSignalEffect } from '@preact/signals';
import type { JSX } from 'preact';
import { useRef } from 'preact/hooks';
import { countStates } from '../state/cells.ts';
import { announcement, stageFrame } from '../state/data.ts';
import { timeFormat } from '../state/formats.ts';
import { level } from '../state/level.ts';

export function Announcer(): JSX.Element {
  const said = useRef('');
  useSignalEffect(() => {
    const known = level.value;
    const shown = stageFrame.value;
    if (known === undefined || shown === undefined || shown.area !== known.area.id) return;
    const key = `${shown.area} ${shown.start}`;
    if (key === said.current) return;
    said.current = key;
    const counts = countStates(known.cells);
    const parts = [`${counts.value + counts.zero + counts.partial} with figures`];
    if (counts.partial > 0) parts.push(`${counts.partial} of them partial`);
    if (counts.withheld > 0) parts.push(`${counts.withheld} withheld`);
    if (counts.late > 0) parts.push(`${counts.late} late or missing`);
    const time = timeFormat.peek().intervalUtc(Date.parse(shown.start), Date.parse(shown.end));
    announcement.value = `${known.area.name}, ${time}: ${parts.join(', ')}.`;
  });
  return (
    <p class="visually-hidden" role="status" aria-live="polite">
      {announcement.value}
    </p>
  );
}
