import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

export default defineConfig({
  root: fileURLToPath(new URL('../..', import.meta.url)),
  test: {
    include: ['test/faults/**/*.test.ts'],
    // Each suite measures what it does to a process of its own; two at a time would disturb each other.
    fileParallelism: false,
  },
})
