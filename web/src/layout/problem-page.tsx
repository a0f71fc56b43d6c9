// Where the view cannot be shown: what happened, in words, and a way home.

import './problem-page.css';
import type { JSX } from 'preact';
import type { ApiProblem } from '../api/problem.ts';
import { map } from '../state/data.ts';
import { openArea } from '../state/navigate.ts';
import { reload } from '../state/sync.ts';
import { focusedArea } from '../state/view.ts';
import { TokenForm } from './token-form.tsx';

export function ProblemPage({ problem }: { readonly problem: ApiProblem }): JSX.Element {
  const start = map.value?.home;
  const isElsewhere = start !== undefined && start !== focusedArea.value;
  return (
    <section class="problem" role="alert">
      <p class="problem-status">{problem.status === 0 ? 'No connection' : problem.status}</p>
      <h2>{titleOf(problem)}</h2>
      <p>{problem.detail}</p>
      {focusedArea.value !== '' && problem.status !== 0 && (
        <p class="problem-area">
          Asked for: <code>{focusedArea.value}</code>
        </p>
      )}
      {problem.isTransient && <p>This page asks again by itself every few seconds.</p>}
      {problem.status === 401 && <TokenForm />}
      <p class="problem-ways">
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

function titleOf({ status, title }: ApiProblem): string {
  if (status === 404) return 'There is no such area on this map';
  if (status === 401) return 'This map asks for a token';
  if (status === 403) return 'This area is outside what you may see';
  return title;
}
