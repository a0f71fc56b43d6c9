// The frames that a street's seal counts, put together again from what intake keeps of them, in slot
// order (core/frames-root.ts hashes them).

/**
 * Writes the frames of the slots in `bitmap` back to back to `out`, and returns how many bytes that is.
 * `sets`, `words` and `tags` are the intake's.
 */
export function frames(
  bitmap: usize, slotCount: u32, sets: usize, words: usize, tags: usize,
  channelCount: u32, interval: u32, out: usize,
): u32 {
  let at = out;
  for (let slot: u32 = 0; slot < slotCount; slot++) {
    if (((load<u8>(bitmap + (slot >> 3)) >> (slot & 7)) & 1) == 0) continue;
    const set: u32 = load<u8>(sets + slot);
    store<u8>(at, 1);
    store<u8>(at, set, 1);
    store<u32>(at, slot, 2);
    store<u32>(at, interval, 6);
    at += 10;
    const own = words + <usize>(slot * channelCount) * 8;
    for (let left = set; left != 0; left &= left - 1, at += 8)
      store<u64>(at, load<u64>(own + (<usize>ctz(left) << 3)));
    v128.store(at, v128.load(tags + (<usize>slot << 4)));
    at += 16;
  }
  return <u32>(at - out);
}
