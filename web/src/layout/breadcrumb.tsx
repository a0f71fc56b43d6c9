// Where the focus is, from the top of what the viewer may see; every step of it leads back up.

import './breadcrumb.css';
import type { JSX } from 'preact';
import { area } from '../state/data.ts';
import { AreaLink } from './area-link.tsx';

export function Breadcrumb(): JSX.Element | null {
  const focus = area.value;
  if (focus === undefined) return null;
  return (
    <nav class="breadcrumb" aria-label="Breadcrumb" data-over-map>
      <ol>
        {focus.ancestors.map(({ id, name, level }) => (
          <li key={id}>
            <AreaLink id={id} way="up" title={level}>
              {name}
            </AreaLink>
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
