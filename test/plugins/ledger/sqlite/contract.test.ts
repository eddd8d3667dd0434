import { testLedger } from 'tokligence/testing'
import { describe, expect, it } from 'vitest'
import { copyOf, openLedger } from './set-up-ledger.ts'

const runner = { describe, it, expect }

describe('sqlite ledger in a file', () => {
  testLedger({
    create: () => openLedger(),
    again: ({ path }) => openLedger({ path }),
    afterCrash: ({ path }) => openLedger({ path: copyOf(path) }),
    runner,
  })
})

describe('sqlite ledger in memory', () => {
  testLedger({ create: () => openLedger({ path: ':memory:' }), runner })
})
