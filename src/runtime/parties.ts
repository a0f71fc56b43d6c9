// The keys of everyone who runs a network, made in one place: for the demo, the replay and `init`.
// A real deployment makes each party's keys at that party; the shapes are the same. Secret.

import type { Quorum } from '../core/components.ts';
import { createHpkeKeyPair, HPKE_SEED_BYTES, type HpkeKeyPair } from '../core/hpke.ts';
import type { Signer } from '../core/signed.ts';
import { createPlatformSigner } from './ed25519.ts';

/** `length` uniformly random bytes. */
export type RandomBytes = (length: number) => Uint8Array;

export interface Party {
  readonly seed: Uint8Array;
  readonly signer: Signer;
}

export interface SealedToParty extends Party {
  readonly keyPair: HpkeKeyPair;
}

export interface Parties {
  readonly registrar: Party;
  readonly provisioner: Party;
  readonly trustees: readonly SealedToParty[];
  /** Which hosts which area is the provisioner's choice (`aggregatorOf`). */
  readonly aggregators: readonly SealedToParty[];
  readonly auditor: Party;
  readonly monitor: SealedToParty;
}

export async function createParties(
  quorum: Quorum,
  random: RandomBytes,
  aggregatorCount = 2,
): Promise<Parties> {
  const sealedTo = () => createSealedToParty(random(32), random(HPKE_SEED_BYTES));
  const trustees: SealedToParty[] = [];
  for (let index = 0; index < quorum.trusteeCount; index++) trustees.push(await sealedTo());
  const aggregators: SealedToParty[] = [];
  for (let index = 0; index < aggregatorCount; index++) aggregators.push(await sealedTo());
  return {
    registrar: createParty(random(32)),
    provisioner: createParty(random(32)),
    trustees,
    aggregators,
    auditor: createParty(random(32)),
    monitor: await sealedTo(),
  };
}

export function createParty(seed: Uint8Array): Party {
  return { seed, signer: createPlatformSigner(seed) };
}

export async function createSealedToParty(
  seed: Uint8Array,
  hpkeSeed: Uint8Array,
): Promise<SealedToParty> {
  return { ...createParty(seed), keyPair: await createHpkeKeyPair(hpkeSeed) };
}
