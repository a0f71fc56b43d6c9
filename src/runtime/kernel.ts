// The kernel that this machine can run: the one in WebAssembly where its engine has SIMD and the
// build is there, else the plain one, which is said once.

import { readFile } from 'node:fs/promises';
import type { Kernel } from '../core/kernel/kernel.ts';
import { PLAIN_KERNEL } from '../core/kernel/plain-kernel.ts';
import { createSimdKernel } from '../core/kernel/simd-kernel.ts';
import type { SimdExports } from '../core/kernel/simd-memory.ts';

const WASM = new URL('../../build/kernel/kernel.wasm', import.meta.url);

export interface LoadedKernel {
  readonly kernel: Kernel;
  /** Why it is not the fast one; undefined where it is. */
  readonly notice: string | undefined;
}

let loaded: Promise<LoadedKernel> | undefined;

/** One for the process. `STREETWATT_KERNEL=plain` asks for the plain one. */
export function loadKernel(): Promise<LoadedKernel> {
  loaded ??= load();
  return loaded;
}

async function load(): Promise<LoadedKernel> {
  const slow = (why: string): LoadedKernel => ({
    kernel: PLAIN_KERNEL,
    notice: `${why}: the plain kernel runs, tens of times slower per frame.`,
  });
  if (process.env.STREETWATT_KERNEL === 'plain') return slow('STREETWATT_KERNEL=plain');
  let bytes: Buffer;
  try {
    bytes = await readFile(WASM);
  } catch {
    return slow('build/kernel/kernel.wasm is missing ("npm run build" makes it)');
  }
  const exports = await instantiate(bytes);
  if (exports === undefined) return slow('this machine has no WebAssembly SIMD');
  return { kernel: createSimdKernel(exports), notice: undefined };
}

/** A kernel of its own, for a test or a bench; undefined where the engine refuses the module. */
export async function instantiate(wasm: Uint8Array): Promise<SimdExports | undefined> {
  if (!WebAssembly.validate(wasm)) return undefined;
  const abort = (): never => {
    throw new Error('the kernel ran out of memory');
  };
  const { instance } = await WebAssembly.instantiate(wasm, { env: { abort } });
  return instance.exports as unknown as SimdExports;
}
