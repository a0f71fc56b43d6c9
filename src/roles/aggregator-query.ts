// Zoom queries answered: who may ask for what (design.md section 7). What is given is masked, and
// the masks of a cell come from trustees who check the same grant again.

import { areaDepth, isWithin } from '../core/area.ts';
import { openGrant } from '../core/grant.ts';
import { epochOfInterval, intervalIndex, isU32 } from '../core/interval.ts';
import { decodeTotalsQuery, type TotalsQuery } from '../core/query.ts';
import { openSigned, splitSigned } from '../core/signed.ts';
import type { AggregatorState } from './aggregator.ts';
import { countRejection } from './rejections.ts';

export type QueryRejection =
  | 'malformed-query'
  | 'bad-grant'
  | 'bad-query-signature'
  | 'not-granted';

export function handleTotalsQuery(
  state: AggregatorState,
  bytes: Uint8Array,
): TotalsQuery | QueryRejection {
  const { document } = state.network;
  const split = splitSigned('query', bytes);
  const query = split && decodeTotalsQuery(split.body);
  if (query === undefined) return reject(state, 'malformed-query');
  const grant = openGrant(query.grant, document.networkId, [document.registrar], state.verify);
  if (grant === undefined) return reject(state, 'bad-grant');
  if (openSigned('query', bytes, [grant.monitor], state.verify) === undefined)
    return reject(state, 'bad-query-signature');
  const lastInterval = query.fromInterval + query.intervalCount - 1;
  if (!isU32(lastInterval)) return reject(state, 'malformed-query');
  const first = epochOfInterval(query.fromInterval, document.intervalSeconds);
  const last = epochOfInterval(intervalIndex(lastInterval), document.intervalSeconds);
  const isGranted =
    isWithin(query.area, grant.area) &&
    areaDepth(query.area) <= grant.deepestDepth &&
    grant.fromEpoch <= first &&
    last < grant.untilEpoch;
  return isGranted ? query : reject(state, 'not-granted');
}

function reject(state: AggregatorState, reason: QueryRejection): QueryRejection {
  countRejection(state.rejected, reason);
  return reason;
}
