import { testLedger } from 'tokligence/testing'
import { describe, expect, it } from 'vitest'
import { openLedger } from './set-up-ledger.ts'

const runner = { describe, it, expect }

describe('sqlite ledger in a file', () => {
  testLedger({ create: () => openLedger(), runner })
})

describe('sqlite ledger in memory', () => {
  testLedger({
    create: async () => {
      const { ledger, close } = await openLedger({ path: ':memory:' })
      return { ledger, close }
    },
    runner,
  })
})
