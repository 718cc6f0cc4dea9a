import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    // Tests of sockets wait more than they work.
    maxWorkers: 5,
    testTimeout: 30_000,
    hookTimeout: 30_000,
    // No module of ours does anything when it is loaded, so files can share what a worker has loaded: it takes more time than
    // most tests do.
    isolate: false,
    projects: [
      {
        extends: true,
        test: {
          name: 'parts',
          include: ['test/**/*.test.ts'],
          exclude: ['test/scenarios/**'],
        },
      },
      {
        extends: true,
        test: {
          name: 'calls',
          // They wait far more than they work. Their time is their own (steady-clock.ts): it does not matter how busy the
          // machine is.
          include: ['test/scenarios/**/*.test.ts'],
        },
      },
    ],
    coverage: {
      provider: 'v8',
      include: ['src/**/*.ts'],
      exclude: ['src/server.ts', 'src/cli/**'],
      reporter: ['text-summary', 'json-summary', 'html'],
      thresholds: {
        lines: 90,
        branches: 90,
        'src/pipeline/turn*.ts': { lines: 100, branches: 100 },
        'src/audio/**': { lines: 100, branches: 100 },
      },
    },
  },
})
