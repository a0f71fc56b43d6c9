// The privacy view: what each party holds of one street in one interval, as bytes, beside the one
// number that comes out.

import './privacy-view.css';
import type { JSX } from 'preact';
import { AreaLink } from '../layout/area-link.tsx';
import { wantedStart } from '../slider/shown-range.ts';
import { area, frame, map, stageArea } from '../state/data.ts';
import { energyFormat, timeFormat } from '../state/formats.ts';
import { showPanel } from '../state/navigate.ts';
import { useEvidence } from './evidence-store.ts';
import { Parties } from './parties.tsx';

export function PrivacyView(): JSX.Element | null {
  const about = map.value;
  const focus = area.value;
  const start = wantedStart.value;
  if (about === undefined || focus === undefined || start === undefined) return null;
  const isStreet = focus.childLevel === null || focus.level === about.levels.at(-1);
  const parent = focus.ancestors.at(-1);
  return (
    <section class="panel privacy-view" aria-labelledby="privacy-title">
      <header>
        <h2 id="privacy-title">What each party holds of {isStreet ? focus.name : 'one street'}</h2>
        <p class="privacy-time">{intervalWords(start, about.intervalSeconds)}</p>
      </header>
      <div class="body">
        {!about.hasEvidence && (
          <p>
            This server is one monitor: it can show its own part only, and shows it on the map. In
            the demo all parties run in one process, and here is what each of them holds.
          </p>
        )}
        {about.hasEvidence && !isStreet && <ChooseStreet />}
        {about.hasEvidence && isStreet && parent !== undefined && (
          <p>
            <AreaLink id={parent.id} way="up">
              Another street of {parent.name}
            </AreaLink>{' '}
            ·{' '}
            <button type="button" class="link" onClick={() => showPanel('map')}>
              Back to its figures
            </button>
          </p>
        )}
        {about.hasEvidence && isStreet && focus.origin === 'simulated' && (
          <p>
            The figures of {focus.name} are simulated sums: no meter, no mask, nothing to show.
            Choose a street of a pilot municipality.
          </p>
        )}
        {about.hasEvidence && isStreet && focus.origin === 'network' && (
          <Street id={focus.id} start={start} />
        )}
        <Promises />
      </div>
    </section>
  );
}

function Street(props: { id: string; start: number }): JSX.Element {
  // A late total or an alert changes what was shown of an interval.
  const state = useEvidence(props.id, props.start, frame.value?.revision ?? 0);
  if (state.kind === 'loading') return <p role="status">Asking each party for its bytes.</p>;
  if (state.kind === 'problem')
    return (
      <p class="privacy-problem" role="status">
        {state.problem.title}: {state.problem.detail}
      </p>
    );
  return <Parties evidence={state.evidence} />;
}

function ChooseStreet(): JSX.Element {
  const stage = stageArea.value;
  const streetLevel = map.value?.levels.at(-1);
  const children = stage?.children.filter((child) => child.meterCount > 0 && child.isOpen) ?? [];
  const areStreets = stage?.childLevel === streetLevel;
  const usable = stage?.children.filter((child) => child.origin === 'network') ?? [];
  const offered = areStreets ? usable : children.filter((child) => child.origin === 'network');
  return (
    <div class="choose-street">
      <p>
        Bytes belong to a street.{' '}
        {areStreets
          ? `Choose one of ${stage?.name}:`
          : offered.length > 0
            ? 'Choose where to look:'
            : 'Nothing below this area has real masked meters in this demo: go up, and towards a pilot municipality.'}
      </p>
      <ul>
        {offered.map((child) => (
          <li key={child.id}>
            <AreaLink id={child.id} way="in">
              {child.name}
            </AreaLink>{' '}
            <span class="street-count">{energyFormat.count(child.meterCount)} meters</span>
          </li>
        ))}
      </ul>
    </div>
  );
}

/** Plain and honest: the claims and their limits are those of docs/threat-model.md. */
function Promises(): JSX.Element {
  return (
    <div class="privacy-words">
      <h3>How it works</h3>
      <p>
        Each meter adds a secret random number, its mask, to its reading before anything leaves the
        house. What travels looks like noise. The masks of each meter are split between trustees:
        independent parties who never receive a masked reading. When enough meters of a street have
        reported, the trustees release the sum of their masks, once. Sum of the masked readings
        minus sum of the masks: that is the street’s total, and the only thing that opens.
      </p>
      <h3>What this does not protect</h3>
      <ul>
        <li>
          A quorum of trustees who break the rules, together with someone who can read the bus, can
          open single readings of the days whose keys they still hold.
        </li>
        <li>All other meters of a street together learn the last one’s reading.</li>
        <li>
          Totals of small or very alike groups tell something by themselves. At least{' '}
          {map.value?.minMeters ?? 20} meters are needed for a figure; that is a policy, not a
          proof.
        </li>
        <li>Who reported, and when, is visible to aggregators and trustees.</li>
        <li>A meter can lie about itself, up to what its main fuse would carry.</li>
      </ul>
      <p>The threat model, docs/threat-model.md in the repository, says all of it and why.</p>
    </div>
  );
}

function intervalWords(startSeconds: number, intervalSeconds: number): string {
  const start = startSeconds * 1000;
  const end = start + intervalSeconds * 1000;
  const format = timeFormat.value;
  return `${format.day(start)}, ${format.intervalLocal(start, end)} (${format.intervalUtc(start, end)})`;
}
