import { testSessions } from 'tokligence/testing'
import { describe, expect, it } from 'vitest'
import { openStore } from './open-store.ts'

testSessions({
  create: () => openStore(),
  createSmall: () => openStore({ byteLimit: 65_536 }),
  again: ({ path }) => openStore({ path }),
  runner: { describe, it, expect },
})
