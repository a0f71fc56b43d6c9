// Always on screen: which interval is shown, how old it is, when the next is expected, and whether the
// page still hears from its server.

import './age-bar.css';
import type { JSX } from 'preact';
import { ageWords, agoWords } from '../../../src/map/format-time.ts';
import { clockNowMs, clockTick } from '../state/clock.ts';
import { type Connection, connection, latestFrame, map, stageFrame } from '../state/data.ts';
import { timeFormat } from '../state/formats.ts';
import { showTime } from '../state/navigate.ts';
import { shownStart } from '../state/view.ts';
import { ageOf } from './age.ts';

const CONNECTION_WORDS: Readonly<Record<Connection, readonly [label: string, title: string]>> = {
  connecting: ['Connecting', 'Waiting for the server’s first word'],
  live: ['Live', 'New figures arrive as they are published'],
  polling: ['Polling', 'The event stream is down: the page asks every few seconds instead'],
  offline: ['Offline', 'The server does not answer: what is shown is the last that came'],
};

export function AgeBar(): JSX.Element | null {
  // An age is new every second.
  void clockTick.value;
  const about = map.value;
  const shown = stageFrame.value;
  if (about === undefined || shown === undefined) return null;
  const nowMs = clockNowMs();
  const [startMs, endMs] = [Date.parse(shown.start), Date.parse(shown.end)];
  const newestEndMs = Date.parse((latestFrame.value ?? shown).end);
  const age = ageOf({ nowMs, newestEndMs, ...about });
  const isPinned = shownStart.value !== undefined;
  const published =
    shown.publishedAt === null
      ? 'not published yet'
      : `published ${agoWords((nowMs - Date.parse(shown.publishedAt)) / 1000)}`;
  const tone = isPinned ? 'past' : connection.value === 'offline' ? 'late' : age.state;
  const [label, title] = CONNECTION_WORDS[connection.value];
  const isLive = connection.value === 'live' && !isPinned && age.state !== 'late';
  return (
    <div class="age" data-tone={tone}>
      <span class={`connection is-${connection.value}`} title={title} data-live={isLive}>
        <i aria-hidden="true" />
        {isPinned ? `Past · ${label.toLowerCase()}` : labelOf(label, age.state === 'late')}
      </span>
      <time
        dateTime={`${shown.start}/${shown.end}`}
        title={`${timeFormat.value.day(startMs)}, ${timeFormat.value.intervalLocal(startMs, endMs)}`}
      >
        <strong>{timeFormat.value.intervalUtc(startMs, endMs)}</strong>
      </time>
      <span class="age-part">{published}</span>
      <span class="age-part">{isPinned ? <BackToNow /> : nextWords(age)}</span>
      {about.clock.speed !== 1 && (
        <span class="age-part age-speed" title="The demo’s clock runs faster than yours">
          clock ×{about.clock.speed}
        </span>
      )}
    </div>
  );
}

/** A stream that is open but brings nothing is no more live than a broken one. */
function labelOf(label: string, isLate: boolean): string {
  if (!isLate) return label;
  return connection.value === 'live' ? 'Late' : `${label}, late`;
}

function nextWords({ state, nextExpectedMs, overdueMs }: ReturnType<typeof ageOf>): string {
  const at = new Date(nextExpectedMs).toISOString().slice(11, 16);
  if (state === 'fresh') return `next expected ${at}`;
  if (state === 'due') return `next expected ${at}, due now`;
  return `late: the next was expected ${at}, ${ageWords(overdueMs / 1000)} ago`;
}

function BackToNow(): JSX.Element {
  return (
    <button type="button" class="link" onClick={() => showTime(undefined)}>
      Back to the newest
    </button>
  );
}
