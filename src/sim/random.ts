// Seeded randomness for the simulator: sfc32 (Chris Doty-Humphrey, PractRand), seeded by a string
// and any integers that name the stream, so that every home, day and purpose has a stream of its
// own and nothing depends on the order in which they are asked for. Not for keys: 128 bits of
// state, none of them secret.

/** The next number in [0, 1). */
export type Random = () => number;

/** What a stream starts from; derive streams of it by `createRandom`. */
export interface Seed {
  readonly a: number;
  readonly b: number;
  readonly c: number;
}

/** FNV-1a three times over the text, each from another basis. */
export function seedOf(text: string): Seed {
  return {
    a: hashText(text, 0x811c9dc5),
    b: hashText(text, 0x9e3779b9),
    c: hashText(text, 0x85ebca6b),
  };
}

/** The stream `stream` (its purpose) of `key` (a day, an index). */
export function createRandom(seed: Seed, stream: number, key = 0): Random {
  let a = mix(seed.a ^ Math.imul(stream + 1, 0x9e3779b1));
  let b = mix(seed.b ^ Math.imul(key, 0x85ebca77));
  let c = mix(seed.c + a);
  let counter = 1;
  const next = (): number => {
    const out = (a + b + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (c << 21) | (c >>> 11);
    c = (c + out) | 0;
    return (out >>> 0) / 4294967296;
  };
  // sfc32 mixes its words into one another within some ten steps.
  for (let i = 0; i < 10; i++) next();
  return next;
}

/** A fixed number in [0, 1) for (seed, index): for lattices, where a whole stream is too much. */
export function hashUnit(seed: Seed, index: number): number {
  return mix(mix(seed.a ^ Math.imul(index, 0x9e3779b1)) + seed.b) / 4294967296;
}

export function uniform(random: Random, low: number, high: number): number {
  return low + (high - low) * random();
}

/** Standard normal, by Box and Muller. */
export function normal(random: Random): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

export function logNormal(random: Random, median: number, sigma: number): number {
  return median * Math.exp(sigma * normal(random));
}

/** Knuth's product method: as many draws as the mean, which stays below some hundred here. */
export function poisson(random: Random, mean: number): number {
  const limit = Math.exp(-Math.min(mean, 500));
  let count = 0;
  for (let product = random(); product > limit; product *= random()) count++;
  return count;
}

export function pick<Item>(random: Random, items: readonly Item[]): Item {
  return items[Math.floor(random() * items.length)] as Item;
}

function hashText(text: string, basis: number): number {
  let hash = basis;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return mix(hash);
}

/** The finalizer of MurmurHash3: every input bit moves every output bit. Unsigned 32-bit. */
function mix(value: number): number {
  let h = value | 0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}
