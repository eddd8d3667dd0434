import type { Conversation } from 'tokligence'
import { describe, expect, it } from 'vitest'
import { carrySharedFields } from '../../../plugins/translation/openai-responses-to-openai-chat/shared-fields.ts'

const bare: Conversation = { model: 'm', stream: false, instructions: [], instructionsForm: 'none', turns: [], tools: [], sampling: {} }

describe('responses to chat', () => {
  it('carries over what both protocols have under one name, and leaves the rest for the loss list', () => {
    const conversation = { ...bare, ext: { 'openai-responses': { prompt_cache_key: 'key', prompt_cache_retention: '24h', truncation: 'auto' } } }
    expect(carrySharedFields(conversation).ext).toEqual({
      'openai-responses': { truncation: 'auto' },
      'openai-chat': { prompt_cache_key: 'key', prompt_cache_retention: '24h' },
    })
  })

  it('carries over what is to be checked, and the labels of a reply that is to be stored', () => {
    const moderation = { model: 'omni-moderation-latest' }
    const conversation = { ...bare, metadata: { team: 'a' }, ext: { 'openai-responses': { moderation, store: true } } }
    const carried = carrySharedFields(conversation)
    expect(carried.ext).toEqual({ 'openai-responses': {}, 'openai-chat': { moderation, store: true, metadata: { team: 'a' } } })
    expect(carried.metadata).toBeUndefined()
    const unstored = { ...conversation, ext: { 'openai-responses': { moderation, store: false } } }
    expect(carrySharedFields(unstored).metadata).toEqual({ team: 'a' })
  })

  it('says nothing of replies that are not to be stored, which is what happens anyway', () => {
    const conversation = { ...bare, ext: { 'openai-responses': { store: false } } }
    expect(carrySharedFields(conversation)).toBe(conversation)
  })
})
