// The root of a tree whose nodes have sixteen children (core/hasher.ts): SHA-256(0x01 || up to sixteen
// digests), four at a time.

import { hashMany } from './hash-many';

const WIDTH: u32 = 16;
const NODE_BYTES: usize = 1 + 32 * 16;
/** Four inner nodes before they are hashed, and how long each is. */
const NODES: usize = memory.data(2064, 16);
const LENGTHS: usize = memory.data(16, 16);

/** The root over `count` > 0 digests at `nodes`, which it overwrites; left in the first of them. */
export function wideRoot(nodes: usize, count: u32): void {
  while (count > 1) {
    const groups = (count + WIDTH - 1) / WIDTH;
    for (let first: u32 = 0; first < groups; first += 4) {
      const lanes = min<u32>(4, groups - first);
      let at = NODES;
      for (let lane: u32 = 0; lane < lanes; lane++) {
        const group = first + lane;
        const byteCount = min<u32>(WIDTH, count - group * WIDTH) << 5;
        store<u8>(at, 1);
        memory.copy(at + 1, nodes + <usize>group * (NODE_BYTES - 1), byteCount);
        store<u32>(LENGTHS + (<usize>lane << 2), 1 + byteCount);
        at += 1 + byteCount;
      }
      // What it overwrites has been hashed: a group's hash stands before what is still to be read.
      hashMany(NODES, LENGTHS, lanes, nodes + (<usize>first << 5));
    }
    count = groups;
  }
}
