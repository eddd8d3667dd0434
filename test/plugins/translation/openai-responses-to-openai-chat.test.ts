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

  it('says nothing of replies that are not to be stored, which is what happens anyway', () => {
    const conversation = { ...bare, ext: { 'openai-responses': { store: false } } }
    expect(carrySharedFields(conversation)).toBe(conversation)
  })
})
