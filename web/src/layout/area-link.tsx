// A link to an area: it opens in place, unless the reader asks for another tab.

import type { ComponentChildren, JSX } from 'preact';
import { areaHref, type Direction, openArea } from '../state/navigate.ts';
import { metric, panel, scale, shownStart } from '../state/view.ts';

export interface AreaLinkProps {
  readonly id: string;
  readonly way?: Direction;
  readonly title?: string;
  readonly children: ComponentChildren;
}

export function AreaLink({ id, way, title, children }: AreaLinkProps): JSX.Element {
  // Its address says the whole view, so it follows all of it.
  void [panel.value, metric.value, scale.value, shownStart.value];
  return (
    <a
      href={areaHref(id)}
      title={title}
      onClick={(event) => {
        if (event.metaKey || event.ctrlKey || event.shiftKey || event.button !== 0) return;
        event.preventDefault();
        openArea(id, way);
      }}
    >
      {children}
    </a>
  );
}
