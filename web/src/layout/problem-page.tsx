// Where the view cannot be shown: what happened, in words, and a way home.

import './problem-page.css';
import type { JSX } from 'preact';
import { timeText } from '../api/paths.ts';
import type { ApiProblem } from '../api/problem.ts';
import { map } from '../state/data.ts';
import { openArea, showTime } from '../state/navigate.ts';
import { reload } from '../state/sync.ts';
import { focusedArea, shownStart } from '../state/view.ts';
import { TokenForm } from './token-form.tsx';

/** What the server says of a time that it has no figures of. */
const TIME_CODES: ReadonlySet<string> = new Set([
  'bad-time',
  'off-grid-time',
  'future-time',
  'before-first',
]);

export function ProblemPage({ problem }: { readonly problem: ApiProblem }): JSX.Element {
  const start = map.value?.opensAt;
  const isElsewhere = start !== undefined && start !== focusedArea.value;
  const isAboutTime = TIME_CODES.has(problem.code) && shownStart.value !== undefined;
  return (
    <section class="problem" role="alert">
      <p class="problem-status">{problem.status === 0 ? 'No connection' : problem.status}</p>
      <h2>{titleOf(problem)}</h2>
      <p>{detailOf(problem)}</p>
      {focusedArea.value !== '' && problem.status !== 0 && (
        <p class="problem-area">
          Asked for: <code>{focusedArea.value}</code>
          {isAboutTime && ` at ${timeText(shownStart.value ?? 0)}`}
        </p>
      )}
      {problem.isTransient && <p>This page asks again by itself every few seconds.</p>}
      {problem.status === 401 && <TokenForm />}
      <p class="problem-ways">
        {isAboutTime && (
          <button
            type="button"
            class="button"
            onClick={() => {
              showTime(undefined);
              reload();
            }}
          >
            To the newest figures
          </button>
        )}
        {isElsewhere && (
          <button type="button" class="button" onClick={() => openArea(start, 'jump')}>
            To the start of the map
          </button>
        )}
        <button type="button" class="button" onClick={() => reload()}>
          Try again
        </button>
        <button type="button" class="button" onClick={() => history.back()}>
          Back
        </button>
      </p>
    </section>
  );
}

function titleOf({ status, title, code }: ApiProblem): string {
  if (TIME_CODES.has(code)) return 'There are no figures of this time';
  if (status === 404) return 'There is no such area on this map';
  if (status === 401) return 'This map asks for a token';
  if (status === 403) return 'This area is outside what you may see';
  return title;
}

/** The server's words are for those who call its interface; the commonest have others here. */
function detailOf({ status, detail }: ApiProblem): string {
  if (status === 404) return 'Start from the top, or find the area by its name.';
  if (status === 403) return 'Your access begins elsewhere: start from the top of it.';
  return detail;
}
