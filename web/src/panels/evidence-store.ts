// The evidence of the focused street and shown interval. A later question aborts the one before it.

import { useEffect, useState } from 'preact/hooks';
import type { EvidenceDocument } from '../../../src/server/wire.ts';
import { getEvidence } from '../api/documents.ts';
import { type ApiProblem, asProblem } from '../api/problem.ts';

export type EvidenceState =
  | { readonly kind: 'loading' }
  | { readonly kind: 'ready'; readonly evidence: EvidenceDocument }
  | { readonly kind: 'problem'; readonly problem: ApiProblem };

export function useEvidence(street: string, start: number, revision: number): EvidenceState {
  const [state, setState] = useState<EvidenceState>({ kind: 'loading' });
  useEffect(() => {
    const stop = new AbortController();
    getEvidence(street, start, { signal: stop.signal }).then(
      (evidence) => {
        if (!stop.signal.aborted) setState({ kind: 'ready', evidence });
      },
      (error: unknown) => {
        if (stop.signal.aborted) return;
        setState({ kind: 'problem', problem: asProblem(error) });
      },
    );
    return () => stop.abort();
  }, [street, start, revision]);
  // Never the bytes of one interval under the time of another.
  if (state.kind === 'ready') {
    const { evidence } = state;
    if (evidence.area !== street || Date.parse(evidence.start) / 1000 !== start)
      return { kind: 'loading' };
  }
  return state;
}
