import { availableParallelism } from 'node:os'
import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

const root = fileURLToPath(new URL('..', import.meta.url))

/** The package by its sources, so that nothing has to be built. */
export const sources = {
  alias: [
    { find: /^tokligence$/, replacement: `${root}core/index.ts` },
    { find: /^tokligence\/testing$/, replacement: `${root}core/testing/index.ts` },
    { find: /^tokligence\/plugins$/, replacement: `${root}plugins/index.ts` },
    { find: /^tokligence\/plugins\/(.+)$/, replacement: `${root}plugins/$1/index.ts` },
  ],
}

export default defineConfig({
  root,
  resolve: sources,
  test: {
    include: ['test/**/*.test.ts'],
    // Suites with a configuration of their own: they take minutes.
    exclude: ['test/package/**', 'test/faults/**', 'test/clients/**', 'test/bench/**'],
    testTimeout: 20_000,
    hookTimeout: 20_000,
    pool: 'forks',
    // Files share their process: to load the sources anew for each of them takes longer than half of the tests. What a file changes outside of itself
    // (variables, timers, mocks) it puts back.
    isolate: false,
    // By default a machine with two cores would use one of them.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    // Seals of tests leave nothing in the home folder.
    env: { TOKLIGENCE_SEAL_KEY: Buffer.alloc(32, 7).toString('base64') },
  },
})
