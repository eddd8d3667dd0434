import fc from 'fast-check'
import { GatewayError, LossSink } from 'tokligence'
import { expect, it } from 'vitest'
import { encodeRequest } from '../../../../plugins/protocol/openai-responses/request/encode-request.ts'
import { settle } from '../../../../plugins/protocol/openai-responses/request/settle.ts'
import { mangled } from '../../../support/mangled-json.ts'
import { refuseResponsesRequest } from '../../../support/openai-responses-request-rules.ts'
import { arbitraryConversation, arbitraryFacts } from '../anthropic-messages/arbitrary-conversations.ts'
import { validRequest } from './arbitrary-requests.ts'
import { compactionRequest, freeformRequest, liteRequest, plainRequest } from './codex-requests.ts'
import { decodeRequest, roundTrip } from './request-subject.ts'

it('writes every body that the protocol allows back as it was, without a loss', () => {
  fc.assert(
    fc.property(validRequest, (body) => {
      expect(roundTrip(body)).toEqual({ again: body, losses: [] })
    }),
    { numRuns: 1_000 },
  )
})

it('refuses a mangled body with the path of what is wrong in it, or writes it back as it was', () => {
  const counts = { read: 0, refused: 0 }
  fc.assert(
    fc.property(mangled([freeformRequest, plainRequest, liteRequest, compactionRequest]), (value) => {
      const body: unknown = JSON.parse(JSON.stringify(value))
      if (typeof body !== 'object' || body === null || Array.isArray(body)) return
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

it('settles whatever it reads, or refuses it', () => {
  fc.assert(
    fc.property(validRequest, (body) => {
      try {
        settle(decodeRequest(body), new LossSink())
      } catch (error) {
        if (!GatewayError.is(error, 'TKL_REQUEST_INVALID')) throw error
      }
    }),
    { numRuns: 500 },
  )
})

// A word for an effort that nobody knows is the vendor's to name.
const foreignConversation = arbitraryConversation.filter(({ reasoning }) => reasoning?.effort !== 'constructor')

it('writes no body of another protocol’s that the vendor answers with 400, and the same one every time', () => {
  fc.assert(
    fc.property(foreignConversation, arbitraryFacts, (conversation, facts) => {
      const body = encodeRequest(conversation, { losses: new LossSink(), facts })
      expect(refuseResponsesRequest(JSON.parse(JSON.stringify(body)))).toBeUndefined()
      expect(encodeRequest(structuredClone(conversation), { losses: new LossSink(), facts })).toEqual(body)
    }),
    { numRuns: 1_000 },
  )
})
