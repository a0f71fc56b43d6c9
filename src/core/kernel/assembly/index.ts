export { blockFloor } from './chacha';
export { frames } from './frames';
export { hashMany } from './hash-many';
export { INTAKE_BYTES, takeMessages } from './intake';
export { maskFrames } from './mask-frames';
export { sumMasks } from './mask-sum';
export { ratchetKeys } from './ratchet';

export function allocate(byteCount: u32): usize {
  return heap.alloc(byteCount);
}

export function release(pointer: usize): void {
  heap.free(pointer);
}
