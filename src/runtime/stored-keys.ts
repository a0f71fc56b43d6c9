// A party's keys in its file as they are in memory: ratcheted together, and what is erased in memory
// is erased there (design.md section 4, correction 21). A file that kept yesterday's keys would undo
// the ratchet for whoever takes it.

import { areaAt, type Network } from '../core/network-tree.ts';
import type { EpochKeys } from '../roles/epoch-keys.ts';
import type { KeyTable } from '../store/key-table.ts';

/** By street index. What was stored before is erased. */
export type HeldKeys = Iterable<readonly [street: number, keys: EpochKeys]>;

export function storeHeldKeys(table: KeyTable, network: Network, held: HeldKeys): void {
  table.replaceAll(
    [...held]
      .filter(([, { keys }]) => keys.some((byte) => byte !== 0))
      .map(([street, { epoch, keys, previous }]) => ({
        street: areaAt(network, street).id,
        epoch,
        keys,
        ...(previous === undefined ? {} : { previous }),
      })),
  );
}
