// Compiles src/core/kernel/assembly to build/kernel/kernel.wasm.

import { mkdir } from 'node:fs/promises';
import { main } from 'assemblyscript/asc';

const SOURCE = 'src/core/kernel/assembly/index.ts';
const OUT = 'build/kernel/kernel.wasm';

export async function buildKernel(): Promise<void> {
  const root = new URL('..', import.meta.url).pathname;
  await mkdir(new URL('../build/kernel', import.meta.url), { recursive: true });
  const { error, stderr } = await main([
    SOURCE,
    ...['--baseDir', root, '--outFile', OUT],
    // The module is loaded by our own few lines, and checks nothing that the caller has checked.
    ...['--runtime', 'minimal', '--noAssert'],
    ...['-O3', '--converge', '--enable', 'simd', '--enable', 'bulk-memory'],
  ]);
  if (error !== null) throw new Error(`the kernel does not compile:\n${stderr.toString()}`);
}
