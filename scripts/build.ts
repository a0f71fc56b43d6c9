// What `npm ci` builds by itself: the kernel, the demo's geography and the page. Run again with `npm run build`.

import { build } from 'vite';
import { buildGeography } from './build-geography.ts';
import { buildKernel } from './build-kernel.ts';

await buildKernel();
await buildGeography();
await build({
  configFile: new URL('../web/vite.config.ts', import.meta.url).pathname,
  logLevel: 'warn',
});
