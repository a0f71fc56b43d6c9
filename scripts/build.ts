// What `npm ci` builds by itself: the page. Run again with `npm run build`.

import { build } from 'vite';

await build({
  configFile: new URL('../web/vite.config.ts', import.meta.url).pathname,
  logLevel: 'warn',
});
