// The trustee's ledger on the bus (design.md section 5, corrections 4 and 9): what it binds is
// published before it answers; what the stream holds is taken in before it starts. A ledger that is
// behind its own published head belongs to an old backup: then every interval up to that head is
// refused, since keys and sums of that time cannot be trusted to be the same.

import { equalBytes, toHex } from '../core/bytes.ts';
import {
  type Binding,
  decodeLedgerEntry,
  encodeLedgerEntry,
  type LedgerEntry,
  ledgerEntryDigest,
} from '../core/ledger.ts';
import { openSigned, signMessage, splitSigned } from '../core/signed.ts';
import { countRejection } from './rejections.ts';
import type { TrusteeState } from './trustee.ts';
import { ledgerKey } from './trustee-seal.ts';

/** The next entry of this trustee's chain, over bindings that are not published yet. */
export function createLedgerEntry(state: TrusteeState, bindings: readonly Binding[]): Uint8Array {
  const body = encodeLedgerEntry({
    networkId: state.network.document.networkId,
    trustee: state.index,
    sequence: state.ledgerSequence + 1,
    previous: state.ledgerHead,
    bindings,
  });
  state.ledgerSequence++;
  state.ledgerHead = ledgerEntryDigest(body);
  return signMessage('ledger', body, state.signer);
}

export type LedgerOutcome =
  | { readonly kind: 'taken' }
  /** Another trustee is bound to another seal: two answers exist for one area and interval. */
  | { readonly kind: 'conflict'; readonly trustee: number; readonly bindings: readonly Binding[] }
  | { readonly kind: 'rejected' };

/** Takes in one entry of the stream, its own or another's, in stream order. */
export function handleLedgerEntry(state: TrusteeState, bytes: Uint8Array): LedgerOutcome {
  const split = splitSigned('ledger', bytes);
  const entry = split && decodeLedgerEntry(split.body);
  const key = entry && state.network.document.trustees[entry.trustee]?.publicKey;
  if (
    entry === undefined ||
    key === undefined ||
    entry.networkId !== state.network.document.networkId
  )
    return reject(state);
  if (openSigned('ledger', bytes, [key], state.verify) === undefined) return reject(state);
  const digest = ledgerEntryDigest((split as { body: Uint8Array }).body);
  if (!isNextOf(state.ledgerHeads.get(entry.trustee), entry, digest)) {
    countRejection(state.rejected, 'broken-ledger');
    return { kind: 'conflict', trustee: entry.trustee, bindings: entry.bindings };
  }
  state.ledgerHeads.set(entry.trustee, { sequence: entry.sequence, digest });
  const conflicts: Binding[] = [];
  for (const binding of entry.bindings) {
    const at = ledgerKey(binding.area, binding.interval);
    const bound = state.ledger.get(at);
    if (bound !== undefined && bound !== toHex(binding.sealDigest)) conflicts.push(binding);
    if (entry.trustee === state.index) adopt(state, binding, bound);
  }
  if (entry.trustee === state.index && entry.sequence > state.ledgerSequence) {
    state.ledgerSequence = entry.sequence;
    state.ledgerHead = digest;
  }
  if (conflicts.length === 0) return { kind: 'taken' };
  countRejection(state.rejected, 'conflicting-ledger', conflicts.length);
  return { kind: 'conflict', trustee: entry.trustee, bindings: conflicts };
}

/**
 * An entry follows the last one that was seen, or is that one again, as a publisher repeats it that
 * had no acknowledgement. Anything else is a chain that forks, or that lost entries.
 */
function isNextOf(
  head: { readonly sequence: number; readonly digest: Uint8Array } | undefined,
  entry: LedgerEntry,
  digest: Uint8Array,
): boolean {
  if (head === undefined || equalBytes(head.digest, digest)) return true;
  return entry.sequence === head.sequence + 1 && equalBytes(entry.previous, head.digest);
}

function adopt(state: TrusteeState, binding: Binding, bound: string | undefined): void {
  if (bound !== undefined) return;
  // Published and not in our own ledger: we were restored from before it.
  state.ledger.set(ledgerKey(binding.area, binding.interval), toHex(binding.sealDigest));
  if (binding.interval > state.refusedUntil) state.refusedUntil = binding.interval;
}

function reject(state: TrusteeState): LedgerOutcome {
  countRejection(state.rejected, 'bad-ledger-entry');
  return { kind: 'rejected' };
}
