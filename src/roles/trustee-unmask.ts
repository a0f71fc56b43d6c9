// Requests answered: within the requester's grant, for sets that are already bound, and never for
// another set (design.md sections 5 and 7, corrections 14 and 23). The runtime has stored and
// published the bindings before a request can find their sums.

import { equalBytes, toHex } from '../core/bytes.ts';
import { type Grant, isGranted, openGrant } from '../core/grant.ts';
import type { IntervalIndex } from '../core/interval.ts';
import { areaAt } from '../core/network-tree.ts';
import { openSigned, signMessage, splitSigned } from '../core/signed.ts';
import {
  decodeUnmaskRequest,
  encodeUnmaskAnswer,
  type UnmaskRequest,
  type UnmaskResult,
  type UnmaskStatus,
  type UnmaskTarget,
} from '../core/unmask.ts';
import { countRejection } from './rejections.ts';
import { epochOf, type MaskSum, type TrusteeState } from './trustee.ts';

export type RequestRejection =
  | 'malformed-request'
  | 'wrong-network'
  | 'bad-grant'
  | 'bad-request-signature';

export type RequestOutcome =
  | {
      readonly kind: 'answered';
      /** Signed; to be sealed to the grant's key. */
      readonly answer: Uint8Array;
      readonly request: UnmaskRequest;
      readonly releasedCount: number;
      readonly grant: Grant;
    }
  | { readonly kind: 'rejected'; readonly reason: RequestRejection };

/**
 * Answers one request. `recall` puts back the stored mask sums of an interval that is no longer in
 * memory; nothing else waits, so that what is answered is what is stored and published.
 */
export function handleUnmaskRequest(
  state: TrusteeState,
  bytes: Uint8Array,
  recall: (interval: IntervalIndex) => void = () => undefined,
): RequestOutcome {
  const { network, verify } = state;
  const split = splitSigned('unmask-request', bytes);
  const request = split && decodeUnmaskRequest(split.body);
  if (request === undefined) return reject(state, 'malformed-request');
  if (!equalBytes(request.network, network.digest)) return reject(state, 'wrong-network');
  const grant = checkedGrant(state, request.grant);
  if (grant === undefined) return reject(state, 'bad-grant');
  if (openSigned('unmask-request', bytes, [grant.monitor], verify) === undefined)
    return reject(state, 'bad-request-signature');
  if (!state.intervals.has(request.interval)) recall(request.interval);
  const results = request.targets.map((target) => answerTarget(state, request, grant, target));
  const releasedCount = results.filter((result) => result.status === 'released').length;
  const body = encodeUnmaskAnswer({
    network: network.digest,
    interval: request.interval,
    nonce: request.nonce,
    trustee: state.index,
    results,
  });
  return {
    kind: 'answered',
    answer: signMessage('unmask-answer', body, state.signer),
    request,
    releasedCount,
    grant,
  };
}

/** Checking a grant costs milliseconds and its bytes never change meaning: once is enough. */
function checkedGrant(state: TrusteeState, bytes: Uint8Array): Grant | undefined {
  const name = toHex(bytes);
  const known = state.grants.get(name);
  if (known !== undefined) return known;
  const { document } = state.network;
  const grant = openGrant(bytes, document.networkId, [document.registrar], state.verify);
  if (grant === undefined) return undefined;
  if (state.grants.size >= MAX_CHECKED_GRANTS) state.grants.clear();
  state.grants.set(name, grant);
  return grant;
}

const MAX_CHECKED_GRANTS = 1024;

function answerTarget(
  state: TrusteeState,
  request: UnmaskRequest,
  grant: Grant,
  target: UnmaskTarget,
): UnmaskResult {
  const { network } = state;
  const cell = target.kind === 'cell' ? network.cells.at(target.index) : undefined;
  const area =
    target.kind === 'area' ? network.areas.at(target.index) : cell && areaAt(network, cell.home);
  const channel = cell?.channel ?? target.channel;
  if (area === undefined || channel !== target.channel) return refuse('not-granted');
  const depth = area.depth + (cell === undefined ? 0 : 1);
  const question = {
    area: grantedArea(state, target),
    depth,
    channel,
    epoch: epochOf(state, request.interval),
  };
  if (!isGranted(grant, question)) return refuse('not-granted');
  if (request.interval <= state.refusedUntil) return refuse('no-keys');
  const record = state.intervals.get(request.interval);
  const sum: MaskSum | undefined =
    target.kind === 'cell'
      ? record?.cells.get(target.index)
      : record?.areas.get(target.index)?.[channel];
  if (sum === undefined)
    return refuse(epochOf(state, request.interval) < state.epoch - 1 ? 'no-keys' : 'no-seal');
  return sum.status === 'released' ? sum : refuse(sum.status);
}

/** A cell of one member is granted to whoever may see that member; a merged one to its home's. */
function grantedArea(state: TrusteeState, target: UnmaskTarget) {
  const cell = target.kind === 'cell' ? state.network.cells.at(target.index) : undefined;
  if (cell === undefined) return areaAt(state.network, target.index).id;
  return areaAt(state.network, cell.members.length === 1 ? (cell.members[0] as number) : cell.home)
    .id;
}

function refuse(status: UnmaskStatus): UnmaskResult {
  return {
    status,
    setDigest: NOTHING,
    sealDigest: NOTHING,
    coverage: 0,
    sums: new BigUint64Array(0),
  };
}

const NOTHING: Uint8Array = new Uint8Array(0);

function reject(state: TrusteeState, reason: RequestRejection): RequestOutcome {
  countRejection(state.rejected, reason);
  return { kind: 'rejected', reason };
}
