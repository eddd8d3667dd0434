import type { JsonObject } from 'tokligence'
import { describe, expect, it } from 'vitest'
import { supportedSchema } from '../../../../plugins/protocol/anthropic-messages/request/output-schema.ts'
import { conversation, encodeRequest, said } from './subject.ts'

const text = { type: 'string' }
const open = { type: 'object', properties: { a: text } }
const closed = { ...open, additionalProperties: false }

function lossesOf(schema: JsonObject): readonly string[] {
  const { losses } = encodeRequest(conversation([said('user', 'hi')], { output: { type: 'schema', schema } }))
  return losses.map(({ feature, severity, detail }) => `${feature} ${severity}: ${detail}`)
}

describe('a schema whose objects are closed', () => {
  it.each<[string, JsonObject]>([
    ['an open object', open],
    ['open objects inside of others', { ...closed, properties: { list: { type: 'array', items: open }, either: { anyOf: [open, text] } } }],
    ['an object without its type', { properties: { a: text } }],
  ])('loses a hint where only that was done to it: %s', (_title, schema) => {
    expect(lossesOf(schema)).toEqual(['closed-schema hint: Objects take no members but those that are named.'])
  })

  it('loses nothing where it was closed before', () => {
    expect(lossesOf({ ...closed, properties: { a: closed } })).toEqual([])
  })

  it.each<[string, JsonObject]>([
    ['members of any name', { type: 'object', additionalProperties: text }],
    ['other members outright', { ...open, additionalProperties: true }],
    ['an object of any shape', { type: 'object' }],
    ['an object without named members', { type: 'object', properties: {} }],
    ['all of several open ones at once', { allOf: [open, { type: 'object', properties: { b: text } }] }],
  ])('may be answered otherwise where it asked for %s', (_title, schema) => {
    expect(lossesOf(schema)).toEqual(['schema-keywords semantic: Not enforced, or closed: additionalProperties.'])
  })

  it('tells constraints that are dropped from the closing', () => {
    expect(lossesOf({ ...open, properties: { a: { ...text, minLength: 2 } } })).toEqual([
      'closed-schema hint: Objects take no members but those that are named.',
      'schema-keywords semantic: Not enforced, or closed: minLength.',
    ])
  })

  it('is closed everywhere', () => {
    const { schema } = supportedSchema({ ...open, properties: { b: { type: 'array', items: open } } })
    expect(schema).toEqual({ type: 'object', properties: { b: { type: 'array', items: closed } }, additionalProperties: false })
  })
})
