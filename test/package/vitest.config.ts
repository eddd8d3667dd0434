import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

export default defineConfig({
  root: fileURLToPath(new URL('../..', import.meta.url)),
  test: {
    include: ['test/package/**/*.test.ts'],
    globalSetup: ['test/package/install-tarball.ts'],
    testTimeout: 120_000,
    hookTimeout: 120_000,
    // Every file uses the same installed package, and some of them change it for a moment.
    fileParallelism: false,
  },
})
