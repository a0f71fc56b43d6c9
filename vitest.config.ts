import { defineConfig } from 'vitest/config';

// Two cores: more workers than that only add contention to the tests that start real servers.
export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    maxWorkers: 2,
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
