// What the start of every role of a node is given.

import type { Bus } from '../bus/port.ts';
import type { HpkeKeyPair } from '../core/hpke.ts';
import type { Epoch } from '../core/interval.ts';
import type { NetworkBundle, VerifiedNetwork } from '../core/network-bundle.ts';
import type { Signer, VerifySignature } from '../core/signed.ts';
import type { Clock } from './clock.ts';
import type { NodeConfig } from './node-config.ts';

export interface NodeContext {
  readonly config: NodeConfig;
  readonly network: VerifiedNetwork;
  readonly bundle: NetworkBundle;
  readonly signer: Signer;
  readonly keyPair: HpkeKeyPair | undefined;
  readonly verify: VerifySignature;
  readonly bus: Bus;
  readonly clock: Clock;
  readonly nowEpoch: Epoch;
  readonly say: (line: string) => void;
  readonly onError: (error: unknown) => void;
}
