import fc from 'fast-check'
import { GatewayError } from 'tokligence'
import { expect, it } from 'vitest'
import { spoiltBody, validBody } from './arbitrary-bodies.ts'
import { roundTrip } from './subject.ts'

it('writes every body that the protocol allows back as it was, without a loss', () => {
  fc.assert(
    fc.property(validBody, (body) => {
      expect(roundTrip(body)).toEqual({ again: body, losses: [] })
    }),
    { numRuns: 1_500 },
  )
})

it('refuses a body with the path of what is wrong in it, or writes it back as it was', () => {
  const counts = { read: 0, refused: 0 }
  fc.assert(
    fc.property(spoiltBody, (body) => {
      try {
        expect(roundTrip(body)).toEqual({ again: body, losses: [] })
        counts.read++
      } catch (error) {
        if (!GatewayError.is(error)) throw error
        expect(error).toMatchObject({ code: 'TKL_REQUEST_INVALID', options: { param: expect.stringMatching(/^[a-z_]+/) } })
        counts.refused++
      }
    }),
    { numRuns: 1_500 },
  )
  expect(counts.read).toBeGreaterThan(100)
  expect(counts.refused).toBeGreaterThan(100)
})
