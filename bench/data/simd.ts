// The fast kernel, with a memory of its own. A bench of it says so where it cannot run, rather than
// time the plain one under its name.

import { readFile } from 'node:fs/promises';
import type { Kernel } from '../../src/core/kernel/kernel.ts';
import { createSimdKernel } from '../../src/core/kernel/simd-kernel.ts';
import type { SimdExports } from '../../src/core/kernel/simd-memory.ts';
import { instantiate } from '../../src/runtime/kernel.ts';

const WASM = new URL('../../build/kernel/kernel.wasm', import.meta.url);

export async function simdExports(): Promise<SimdExports> {
  const exports = await instantiate(await readFile(WASM));
  if (exports === undefined) throw new Error('this machine has no WebAssembly SIMD');
  return exports;
}

export async function simdKernel(): Promise<Kernel> {
  return createSimdKernel(await simdExports());
}
