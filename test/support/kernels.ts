// Both kernels, for tests that hold them to one another.

import { readFile } from 'node:fs/promises';
import type { Kernel } from '../../src/core/kernel/kernel.ts';
import { PLAIN_KERNEL } from '../../src/core/kernel/plain-kernel.ts';
import { createSimdKernel } from '../../src/core/kernel/simd-kernel.ts';
import { instantiate } from '../../src/runtime/kernel.ts';

/** A kernel with a memory of its own. Throws where the build or the engine's SIMD is missing. */
export async function simdKernel(): Promise<Kernel> {
  const wasm = await readFile(new URL('../../build/kernel/kernel.wasm', import.meta.url));
  const exports = await instantiate(wasm);
  if (exports === undefined) throw new Error('this machine has no WebAssembly SIMD');
  return createSimdKernel(exports);
}

export const KERNELS: readonly Kernel[] = [PLAIN_KERNEL, await simdKernel()];
