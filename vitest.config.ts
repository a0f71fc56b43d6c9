import { defineConfig, type ViteUserConfig } from 'vitest/config';

// Two cores: more workers than that only add contention to the tests that start real servers.
const config: ViteUserConfig = defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    maxWorkers: 2,
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // A busy machine is no failure: what is waited for mostly comes at once.
    expect: { poll: { timeout: 10_000 } },
  },
});

export default config;
