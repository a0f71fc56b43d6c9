// A grant with what it takes to use it: the service's own for what is opened every interval, and one
// for each group of viewers, whose zooming is asked of the trustees under the group's own grant.

import type { AreaId } from '../core/area.ts';
import { type ChannelSet, hasChannel } from '../core/channel.ts';
import { type Grant, signGrant } from '../core/grant.ts';
import type { HpkeKeyPair } from '../core/hpke.ts';
import type { Epoch } from '../core/interval.ts';
import type { Network } from '../core/network-tree.ts';
import { OPEN_END_EPOCH } from '../core/roster.ts';
import type { Signer } from '../core/signed.ts';
import type { Viewer } from '../map/viewer.ts';
import type { Parties } from './parties.ts';

export interface NamedGrant {
  /** What a viewer's `grantName` says. */
  readonly name: string;
  readonly grant: Grant;
  /** By the registrar. */
  readonly signedGrant: Uint8Array;
  /** Of the grant's monitor key. */
  readonly signer: Signer;
  /** Of the grant's HPKE key. */
  readonly keyPair: HpkeKeyPair;
}

export interface GrantChoice {
  readonly name: string;
  readonly area: AreaId;
  readonly deepestDepth: number;
  readonly channels: ChannelSet;
  readonly fromEpoch: Epoch;
  /** Without end by default. */
  readonly untilEpoch?: Epoch;
}

/** Signs a grant to the monitor, where one process plays the registrar as well: demo and tests. */
export function createNamedGrant(
  network: Network,
  parties: Pick<Parties, 'registrar' | 'monitor'>,
  { name, ...choice }: GrantChoice,
): NamedGrant {
  const { signer, keyPair } = parties.monitor;
  const grant: Grant = {
    networkId: network.document.networkId,
    monitor: signer.publicKey,
    hpkePublicKey: keyPair.publicKey,
    untilEpoch: OPEN_END_EPOCH,
    ...choice,
  };
  return { name, grant, signedGrant: signGrant(grant, parties.registrar.signer), signer, keyPair };
}

/** What a viewer may see by its grant. */
export function viewerOf(network: Network, { name, grant }: NamedGrant): Viewer {
  return {
    grantName: name,
    area: grant.area,
    deepestDepth: grant.deepestDepth,
    channels: network.channels
      .filter((_, channel) => hasChannel(grant.channels, channel))
      .map((channel) => channel.name),
  };
}
