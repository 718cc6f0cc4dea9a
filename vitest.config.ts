import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    // Tests of sockets wait more than they work.
    maxWorkers: 3,
    testTimeout: 30_000,
    hookTimeout: 30_000,
    // Whole calls run at several times the speed of real ones; they get the machine to themselves, after all else.
    projects: [
      {
        extends: true,
        test: {
          name: 'parts',
          include: ['test/**/*.test.ts'],
          exclude: ['test/scenarios/**'],
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        test: {
          name: 'calls',
          // They wait far more than they work: seven worlds at four times real time leave half of two cores idle.
          maxWorkers: 7,
          // A machine that stands still for a moment starves the simulated audio; what is wrong is wrong twice.
          retry: 1,
          include: ['test/scenarios/**/*.test.ts'],
          sequence: { groupOrder: 1 },
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
