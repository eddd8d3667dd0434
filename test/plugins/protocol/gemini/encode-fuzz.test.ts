import fc from 'fast-check'
import { LossSink } from 'tokligence'
import { describe, expect, it } from 'vitest'
import { settle } from '../../../../plugins/protocol/gemini/request/settle.ts'
import { arbitraryConversation, arbitraryFacts } from '../anthropic-messages/arbitrary-conversations.ts'
import { assistant, decodeRequest, encodeForeign, encodeRequest, result, text, toolCall, turn, user } from './request-subject.ts'

describe('whatever another protocol sends', () => {
  it('becomes a request that the vendor takes, and every call is answered', () => {
    fc.assert(
      fc.property(arbitraryConversation, arbitraryFacts, (conversation, facts) => {
        encodeForeign(conversation, facts)
      }),
      { numRuns: 2_000 },
    )
  })

  it('is written the same way twice, and once more after it was read back', () => {
    fc.assert(
      fc.property(arbitraryConversation, (conversation) => {
        const { body, contents } = encodeForeign(conversation)
        expect(encodeForeign(conversation).body).toEqual(body)
        expect(encodeRequest(decodeRequest(body)).body).toEqual(body)
        const roles = settle(decodeRequest(body), new LossSink()).turns.map(({ role }) => role)
        expect(roles).toEqual(contents.map((_, index) => (index % 2 === 0 ? 'user' : 'assistant')))
      }),
      { numRuns: 500 },
    )
  })
})

const many = 20_000
const numbers = Array.from({ length: many }, (_, index) => index)

describe('a very long request', () => {
  const timed = (work: () => void): number => {
    const begin = performance.now()
    work()
    return performance.now() - begin
  }

  it.each([
    ['ids of their own', (index: number) => `call-${index}`],
    ['one id', () => 'call'],
  ])('with calls of %s takes no time that grows with the square of its turns', (_, idOf) => {
    const turns = numbers.flatMap((index) => [assistant(toolCall(idOf(index))), turn('tool', result(idOf(index), text('x')))])
    expect(timed(() => encodeForeign({ turns: [user(text('go')), ...turns] }))).toBeLessThan(3_000)
  })

  it('of turns that leave nothing between others is merged in one go', () => {
    const turns = numbers.flatMap(() => [user(text('a')), assistant(text(''))])
    expect(timed(() => encodeForeign({ turns }))).toBeLessThan(2_000)
  })

  it('of many chunks is settled in one go', () => {
    const contents = numbers.map(() => ({ role: 'model', parts: [{ text: 'a' }] }))
    const conversation = decodeRequest({ contents })
    expect(timed(() => expect(settle(conversation, new LossSink()).turns).toHaveLength(1))).toBeLessThan(1_000)
  })
})
