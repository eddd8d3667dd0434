import type { JsonObject } from 'tokligence'
import { describe, expect, it } from 'vitest'
import { withPromptCacheKey } from '../../../../plugins/provider/openai/prompt-cache-key.ts'

const system = { role: 'system', content: 'Be brief.' }
const user = (content: string) => ({ role: 'user', content })
const assistant = { role: 'assistant', content: 'So?' }
const keyOf = (body: JsonObject) => withPromptCacheKey(body).prompt_cache_key
const ofChat = (...messages: JsonObject[]) => keyOf({ messages })
const ofResponses = (instructions: string, ...input: JsonObject[]) => keyOf({ instructions, input })

describe('the key for the prompt cache', () => {
  it('is one that the vendor takes, and the rest of the body stays', () => {
    const body = { model: 'm', messages: [system, user('Hi')] }
    const { prompt_cache_key: key, ...rest } = withPromptCacheKey(body)
    expect(key).toMatch(/^tkl-[\w-]{43}$/)
    expect(rest).toEqual(body)
  })

  it('is the same in every turn of a conversation, whatever comes after its beginning', () => {
    const first = ofChat(system, user('Hi'), user('And you?'))
    expect(ofChat(system, user('Hi'), user('And you?'), assistant, user('Go on.'))).toBe(first)
    // A wish that stands behind the newest turn.
    expect(ofChat(system, user('Hi'), user('And you?'), { role: 'developer', content: 'Answer in JSON.' })).toBe(first)
    const call = { type: 'function_call', call_id: 'c', name: 'f', arguments: '{}' }
    expect(ofResponses('Be brief.', user('Hi'), call, user('x'))).toBe(ofResponses('Be brief.', user('Hi')))
  })

  it('is another one for other instructions, and for another first turn', () => {
    const keys = [
      ofChat(system, user('Hi')),
      ofChat(user('Hi')),
      ofChat(system, user('Ho')),
      ofChat(system, user('Hi'), user('Ho')),
      ofResponses('Be brief.', user('Hi')),
      ofResponses('Be long.', user('Hi')),
      ofResponses('Be brief.', { role: 'developer', content: 'x' }, user('Hi')),
    ]
    expect(new Set(keys).size).toBe(keys.length)
  })

  it('does not depend on settings, tools or the model', () => {
    const messages = [system, user('Hi')]
    expect(keyOf({ model: 'a', messages, tools: [{ type: 'function' }], temperature: 1 })).toBe(keyOf({ model: 'b', messages }))
  })

  it('is the caller’s where there is one', () => {
    expect(keyOf({ messages: [user('Hi')], prompt_cache_key: 'mine' })).toBe('mine')
    expect(keyOf({ messages: [user('Hi')], prompt_cache_key: null })).toBe(ofChat(user('Hi')))
  })

  it.each([{ messages: [] }, { messages: [system] }, { input: 'Hi' }, {}])('is not made where no user begins: %j', (body) => {
    expect(withPromptCacheKey(body)).toBe(body)
  })
})
