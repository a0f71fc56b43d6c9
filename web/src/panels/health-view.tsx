// The health view: how old the newest figures are, what is missing and why, and whether the parties
// agree.

import './health-view.css';
import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { agoWords } from '../../../src/map/format-time.ts';
import type { HealthDocument } from '../../../src/server/wire.ts';
import { getHealth } from '../api/documents.ts';
import { area, clockNowMs, clockTick, latestStart, map } from '../state/data.ts';
import { timeFormat } from '../state/formats.ts';
import { HealthLists } from './health-lists.tsx';
import { HealthStrip } from './health-strip.tsx';
import { HealthTables } from './health-tables.tsx';

const REFRESH_MS = 15_000;

export function HealthView(): JSX.Element | null {
  const focus = area.value;
  const about = map.value;
  const { health, isFailing } = useHealth(focus?.id, latestStart.value);
  if (focus === undefined || about === undefined) return null;
  return (
    <section class="panel health-view" aria-labelledby="health-title">
      <header>
        <h2 id="health-title">Health of {focus.name}</h2>
      </header>
      <div class="body">
        {isFailing && (
          <p class="health-failing" role="status">
            The server does not answer; what is shown here is its last answer.
          </p>
        )}
        {health === undefined ? (
          !isFailing && <p role="status">Asking.</p>
        ) : (
          <>
            <Freshness health={health} />
            <HealthStrip health={health} />
            <HealthLists health={health} />
            <HealthTables health={health} />
          </>
        )}
      </div>
    </section>
  );
}

function Freshness(props: { health: HealthDocument }): JSX.Element {
  const { newest, nextExpectedAt } = props.health;
  // The ages count on between two answers.
  clockTick.value;
  const nowMs = clockNowMs();
  const format = timeFormat.value;
  if (newest === null) return <p>Nothing has been published here yet.</p>;
  const endMs = Date.parse(newest.end);
  const ageSeconds = Math.max(newest.ageSeconds, (nowMs - endMs) / 1000);
  const nextMs = nextExpectedAt === null ? undefined : Date.parse(nextExpectedAt);
  return (
    <dl class="health-figures">
      <div data-late={newest.isLate}>
        <dt>Newest interval</dt>
        <dd title={format.intervalUtc(Date.parse(newest.start), endMs)}>
          {format.intervalLocal(Date.parse(newest.start), endMs)}
        </dd>
        <dd class="health-small">
          ended {agoWords(ageSeconds)}
          {newest.isLate && <strong> ⚠ late</strong>}
        </dd>
      </div>
      {nextMs !== undefined && (
        <div data-late={nextMs < nowMs}>
          <dt>Next expected</dt>
          <dd>by {format.clock(nextMs)}</dd>
          <dd class="health-small">{nextWords(nextMs - nowMs)}</dd>
        </div>
      )}
    </dl>
  );
}

function nextWords(aheadMs: number): string {
  if (aheadMs < 0) return `due ${agoWords(-aheadMs / 1000)}`;
  const minutes = Math.floor(aheadMs / 60_000);
  return minutes < 1 ? 'in less than a minute' : `in ${minutes} min`;
}

/** Asked again with every new interval, and at times: rejected frames come without one. */
function useHealth(
  id: string | undefined,
  newest: number | undefined,
): { health: HealthDocument | undefined; isFailing: boolean } {
  const [state, setState] = useState<{ health: HealthDocument | undefined; isFailing: boolean }>({
    health: undefined,
    isFailing: false,
  });
  useEffect(() => {
    if (id === undefined) return;
    const stop = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const ask = async (): Promise<void> => {
      try {
        const health = await getHealth(id, { signal: stop.signal });
        setState({ health, isFailing: false });
      } catch {
        if (stop.signal.aborted) return;
        setState((before) => ({ ...before, isFailing: true }));
      }
      if (!stop.signal.aborted) timer = setTimeout(() => void ask(), REFRESH_MS);
    };
    void ask();
    return () => {
      stop.abort();
      clearTimeout(timer);
    };
  }, [id, newest]);
  return state.health !== undefined && state.health.area !== id
    ? { health: undefined, isFailing: state.isFailing }
    : state;
}
