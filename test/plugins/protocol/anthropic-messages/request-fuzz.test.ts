import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { refuseMessagesRequest } from '../../../support/anthropic-messages-request-rules.ts'
import { arbitraryConversation, arbitraryFacts } from './arbitrary-conversations.ts'
import { encodeRequest } from './subject.ts'

describe('a request that was translated', () => {
  it('is never one that the provider answers with 400', () => {
    fc.assert(
      fc.property(arbitraryConversation, arbitraryFacts, (conversation, facts) => {
        const { body } = encodeRequest(conversation, facts)
        expect(refuseMessagesRequest(JSON.parse(JSON.stringify(body)))).toBeUndefined()
      }),
      { numRuns: 2000 },
    )
  })

  it('is the same every time, so that the provider’s cache finds its beginning', () => {
    fc.assert(
      fc.property(arbitraryConversation, (conversation) => {
        expect(JSON.stringify(encodeRequest(conversation).body)).toBe(JSON.stringify(encodeRequest(structuredClone(conversation)).body))
      }),
      { numRuns: 200 },
    )
  })
})
