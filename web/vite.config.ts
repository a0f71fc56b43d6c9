// Builds the page into build/web, which the map's server serves.

import { defineConfig } from 'vite';

export default defineConfig({
  root: import.meta.dirname,
  // `vite -c web/vite.config.ts` beside a running server: the page is built as it is asked for.
  server: {
    proxy: { '/api': process.env.STREETWATT_SERVER ?? 'http://127.0.0.1:7201' },
  },
  build: {
    outDir: '../build/web',
    emptyOutDir: true,
    target: 'es2023',
    assetsInlineLimit: 0,
  },
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
});
