// Where the focus is, from the top of what the viewer may see; every step of it leads back up.

import './breadcrumb.css';
import type { JSX } from 'preact';
import { area } from '../state/data.ts';
import { areaHref, openArea } from '../state/navigate.ts';
import { metric, panel, scale, shownStart } from '../state/view.ts';

export function Breadcrumb(): JSX.Element | null {
  const focus = area.value;
  // The links say the whole view, so they follow all of it.
  void [panel.value, metric.value, scale.value, shownStart.value];
  if (focus === undefined) return null;
  return (
    <nav class="breadcrumb" aria-label="Breadcrumb" data-over-map>
      <ol>
        {focus.ancestors.map(({ id, name, level }) => (
          <li key={id}>
            <a href={areaHref(id)} title={level} onClick={(event) => follow(event, id)}>
              {name}
            </a>
          </li>
        ))}
        <li>
          <span aria-current="page" title={focus.level}>
            {focus.name}
          </span>
        </li>
      </ol>
    </nav>
  );
}

/** Opens in place, unless the reader asks for another tab. */
function follow(event: MouseEvent, id: string): void {
  if (event.metaKey || event.ctrlKey || event.shiftKey || event.button !== 0) return;
  event.preventDefault();
  openArea(id, 'up');
}
