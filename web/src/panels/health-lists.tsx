// What is missing in the newest interval and why, as links to it.

import type { JSX } from 'preact';
import { reasonText } from '../../../src/map/cell-state.ts';
import type { HealthDocument } from '../../../src/server/wire.ts';
import { AreaLink } from '../layout/area-link.tsx';

type Item = HealthDocument['withheld'][number];

/** The server gives at most 200; fewer are read at once. */
const SHOWN_COUNT = 12;

export function HealthLists(props: { health: HealthDocument }): JSX.Element {
  const { withheld, late } = props.health;
  return (
    <div class="health-lists">
      <List title="Withheld now" items={withheld} nothing="Nothing is withheld." />
      <List title="Late or missing now" items={late} nothing="Everything has come in." />
    </div>
  );
}

function List(props: { title: string; items: readonly Item[]; nothing: string }): JSX.Element {
  const { items } = props;
  return (
    <section class="health-list">
      <h3>
        {props.title}: {items.length === 200 ? '200 or more' : items.length}
      </h3>
      {items.length === 0 ? (
        <p>{props.nothing}</p>
      ) : (
        <>
          <Links items={items.slice(0, SHOWN_COUNT)} />
          {items.length > SHOWN_COUNT && (
            <details>
              <summary>{items.length - SHOWN_COUNT} more</summary>
              <Links items={items.slice(SHOWN_COUNT)} />
            </details>
          )}
        </>
      )}
    </section>
  );
}

/** By reason, so that each is said once. */
function Links(props: { items: readonly Item[] }): JSX.Element {
  const byReason = Map.groupBy(props.items, ({ reason }) => reason);
  return (
    <>
      {[...byReason].map(([reason, items]) => (
        <div key={reason}>
          <p class="health-reason">{reasonText(reason)}</p>
          <ul>
            {items.map((item) => (
              <li key={`${item.area} ${item.id}`}>
                <AreaLink id={item.area}>{item.name}</AreaLink>
              </li>
            ))}
          </ul>
        </div>
      ))}
    </>
  );
}
