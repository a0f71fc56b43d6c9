// Why a record is refused and a street not published, for whoever has to do something about it.

import type { UnpublishedReason } from '../core/plan-types.ts';
import type { TakeRefusal } from '../runtime/joining/take-records.ts';

/** Never the record's identity: the inventory's is what its household has told by another way. */
export const REFUSED: Readonly<Record<TakeRefusal, string>> = {
  malformed: 'this is no enrolment record',
  'bad-signature': 'it was changed, or somebody else signed it',
  'wrong-network': 'it was made for another network',
  'wrong-quorum': 'it was made for another number of trustees',
  'wrong-epoch': 'it is too old, or its clock is ahead; the gateway enrols again',
  'unknown-provisioner': 'no factory of this network made it',
  'unknown-meter': 'the inventory has no row with its identity',
  'duplicate-record': 'it was taken before; leave it out',
  'duplicate-identity': 'its meter has a slot',
  'duplicate-commitment': 'its seeds are those of another slot',
  'street-full': 'its street has no slot left',
  'bad-area': 'its row of the inventory names no street',
  'wrong-recipient': 'it is sealed to other keys than those of its street',
  'point-taken': 'another meter stands on its connection point; --retire it first',
  revoked: 'its gateway was revoked; registrar invite --again takes that back',
  unreadable: 'this is no file that we may read',
};

export const UNPUBLISHED: Readonly<Record<UnpublishedReason, string>> = {
  'too-few': 'too few homes declare it',
  dominated: 'the cap of one meter (max_wh of the inventory) is too much of theirs',
  'no-net-cell': 'their net load is not',
};
