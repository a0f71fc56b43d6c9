// What the bench's threads say to each other.

import type { NationalResult } from './national.ts';
import type { ProvinceResult } from './province.ts';
import type { Measured } from './stopwatch.ts';
import type { KindShape } from './street-kinds.ts';

export interface WorkerSetup {
  /** In shared memory. */
  readonly document: Uint8Array;
  readonly kinds: readonly KindShape[];
  readonly kindOf: Uint16Array;
  /** Whether it is the one that has the top of the tree. */
  readonly isNational: boolean;
}

export type ToWorker =
  | { readonly kind: 'province'; readonly province: number; readonly isZoomed: boolean }
  | { readonly kind: 'take'; readonly result: ProvinceResult }
  | { readonly kind: 'finish' };

export type FromWorker =
  | { readonly kind: 'ready'; readonly compileMs: number }
  | { readonly kind: 'province'; readonly result: ProvinceResult }
  | { readonly kind: 'taken'; readonly measured: Measured }
  | {
      readonly kind: 'finished';
      readonly result: NationalResult;
      readonly measured: Measured;
      readonly compileMs: number;
    };
