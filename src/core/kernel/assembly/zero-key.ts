/** For the lanes that a last, smaller group leaves empty. */
export const ZERO_KEY: usize = memory.data(32, 16);
