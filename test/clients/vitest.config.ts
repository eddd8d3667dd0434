import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'
import { sources } from '../vitest.config.ts'

export default defineConfig({
  root: fileURLToPath(new URL('../..', import.meta.url)),
  resolve: sources,
  test: {
    include: ['test/clients/**/*.test.ts'],
    testTimeout: 120_000,
    hookTimeout: 60_000,
    env: { TOKLIGENCE_SEAL_KEY: Buffer.alloc(32, 7).toString('base64') },
    // Each of the agents is a process of its own that takes a core.
    fileParallelism: false,
  },
})
