import { defineConfig } from 'vitest/config'
import { TestOrder } from './test/helpers/test-order.ts'

export default defineConfig({
  test: {
    // Tests of sockets and of processes wait more than they work, so there are more workers than cores; and no more than it takes,
    // because each of them loads and compiles everything for itself. Whole calls have a time of their own (steady-clock.ts), and
    // those of one file run together (test/helpers/together.ts): how busy the machine is does not matter to them.
    maxWorkers: 4,
    maxConcurrency: 10,
    // Helper threads of V8 for each core, in each worker, are too many for the cores that there are.
    execArgv: ['--v8-pool-size=1'],
    sequence: { sequencer: TestOrder },
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // What is waited for comes when the machine has time for it.
    expect: { poll: { timeout: 10_000 } },
    // No module of ours does anything when it is loaded, so files can share what a worker has loaded: it takes more time than
    // most tests do.
    isolate: false,
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
