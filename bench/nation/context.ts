// What every part of the country's work shares: the network as each party holds it, the parties' keys,
// the kernel, and the interval.

import type { IntervalIndex } from '../../src/core/interval.ts';
import type { Kernel } from '../../src/core/kernel/kernel.ts';
import type { VerifiedNetwork } from '../../src/core/network-bundle.ts';
import { compileNetwork } from '../../src/core/network-tree.ts';
import type { VerifySignature } from '../../src/core/signed.ts';
import { createPlatformVerifier, rememberVerified } from '../../src/runtime/ed25519.ts';
import { loadKernel } from '../../src/runtime/kernel.ts';
import { createParties, type Parties } from '../../src/runtime/parties.ts';
import { seededStream } from '../data/seeded-bytes.ts';
import { QUORUM } from './country.ts';
import { ProvinceRoom } from './province-data.ts';
import { createKind, FIRST_EPOCH, type KindShape, type StreetKind } from './street-kinds.ts';

const SECONDS_PER_DAY = 86_400;
const INTERVAL_SECONDS = 900;
/** Noon of the first day. */
export const INTERVAL: IntervalIndex = ((FIRST_EPOCH * SECONDS_PER_DAY) / INTERVAL_SECONDS +
  48) as IntervalIndex;

export interface NationContext {
  readonly network: VerifiedNetwork;
  readonly parties: Parties;
  readonly kernel: Kernel;
  /** Remembers nothing: each party has one of its own around it (`createVerifier`). */
  readonly verify: VerifySignature;
  readonly interval: IntervalIndex;
  /** When the stream stores seals: some homes are silent, so every street waits for its close. */
  readonly sealedAtSeconds: number;
  readonly kindAt: (street: number) => StreetKind;
  readonly room: ProvinceRoom;
}

/** For one party: as a node, it remembers what it has checked, and not what another has. */
export function createVerifier({ verify }: NationContext): VerifySignature {
  return rememberVerified(verify);
}

export function createNationParties(): Promise<Parties> {
  return createParties(QUORUM, seededStream('nation/parties'));
}

/** @throws Error where the document does not compile */
export async function createContext(
  document: Uint8Array,
  shapes: readonly KindShape[],
  kindOf: Uint16Array,
): Promise<NationContext> {
  const compiled = compileNetwork(document);
  if (typeof compiled === 'string')
    throw new Error(`the country's document is refused: ${compiled}`);
  const kinds = shapes.map(createKind);
  const kindAt = (street: number): StreetKind => kinds[kindOf[street] as number] as StreetKind;
  const streets = Array.from({ length: compiled.areas.length }, (_, area) =>
    compiled.areas.isStreet(area) ? kindAt(area).street : undefined,
  );
  const { intervalSeconds, closeAfterSeconds } = compiled.document;
  const { kernel, notice } = await loadKernel();
  if (notice !== undefined) process.stderr.write(`${notice}\n`);
  return {
    network: { ...compiled, streets },
    parties: await createNationParties(),
    kernel,
    verify: createPlatformVerifier(),
    interval: INTERVAL,
    sealedAtSeconds: (INTERVAL + 1) * intervalSeconds + closeAfterSeconds,
    kindAt,
    room: new ProvinceRoom(),
  };
}
