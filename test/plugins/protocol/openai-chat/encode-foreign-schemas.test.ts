import type { FunctionTool, JsonObject } from 'tokligence'
import { describe, expect, it } from 'vitest'
import { encodeForeign } from './foreign-conversation.ts'

const closed = (properties: JsonObject, more: JsonObject = {}): JsonObject => ({
  type: 'object',
  properties,
  required: Object.keys(properties),
  additionalProperties: false,
  ...more,
})
const text = { type: 'string' }

describe('an output schema of another protocol', () => {
  function strictness(schema: JsonObject) {
    const { body, lost } = encodeForeign({ output: { type: 'schema', schema, name: 'r' } })
    return { strict: (body.response_format as { json_schema: JsonObject }).json_schema.strict, lost }
  }

  it.each<[string, JsonObject]>([
    ['flat', closed({ a: text })],
    ['nested', closed({ a: closed({ b: { type: ['string', 'null'] } }), c: { type: 'array', items: closed({}) } })],
    ['with alternatives and references', closed({ a: { anyOf: [text, { $ref: '#/$defs/b' }] } }, { $defs: { b: closed({}) } })],
    ['with a property named as a word of schemas', closed({ oneOf: text })],
    ['with a format that is known', closed({ a: { type: 'string', format: 'date-time' } })],
  ])('is enforced when it is closed all through: %s', (_, schema) => {
    expect(strictness(schema)).toEqual({ strict: true, lost: [] })
  })

  it.each<[string, JsonObject]>([
    ['an open object', { type: 'object', properties: { a: text }, required: ['a'] }],
    ['an optional property', { ...closed({ a: text }), required: [] }],
    ['an open object inside', closed({ a: { type: 'object' } })],
    ['an open object in a list', closed({ a: { type: 'array', items: { type: 'object' } } })],
    ['an open definition', closed({ a: { $ref: '#/$defs/b' } }, { $defs: { b: { type: 'object' } } })],
    ['a list of anything', closed({ a: { type: 'array' } })],
    ['a combinator on top', closed({ a: text }, { anyOf: [closed({})] })],
    ['a word that is refused', closed({ a: { oneOf: [text] } })],
    ['a format that is refused', closed({ a: { type: 'string', format: 'uri' } })],
    ['a value of any type', closed({ a: {} })],
    ['no object', { type: 'array', items: text }],
  ])('is sent without being enforced, which is told, when it has %s', (_, schema) => {
    expect(strictness(schema)).toEqual({ strict: undefined, lost: ['response_format.json_schema.strict output-schema approximated semantic'] })
  })
})

describe('a tool of another protocol', () => {
  function sent(tool: Partial<FunctionTool>) {
    const { body, lost } = encodeForeign({ tools: [{ type: 'function', name: 'f', ...tool }] })
    return { definition: (body.tools as { function: JsonObject }[])[0]?.function, lost }
  }

  it('stays strict when the vendor can enforce its schema, and is loosened when not', () => {
    expect(sent({ strict: true, parameters: closed({ a: text }) })).toEqual({
      definition: { name: 'f', parameters: closed({ a: text }), strict: true },
      lost: [],
    })
    const open = { type: 'object', properties: { a: text } }
    expect(sent({ strict: true, parameters: open })).toEqual({
      definition: { name: 'f', parameters: open },
      lost: ['tools[0].strict strict-tool dropped semantic'],
    })
    expect(sent({ strict: false, parameters: open })).toEqual({ definition: { name: 'f', parameters: open, strict: false }, lost: [] })
  })

  it.each(['anyOf', 'oneOf', 'allOf'])('tells %s on top of its schema in words', (word) => {
    const either = [{ required: ['a'] }, { required: ['b'] }]
    const properties = { a: text, b: { anyOf: [text] } }
    expect(sent({ description: 'Gets.', parameters: { type: 'object', properties, [word]: either } })).toEqual({
      definition: {
        name: 'f',
        description: `Gets.\n\nThe arguments must also satisfy this JSON Schema: ${JSON.stringify({ [word]: either })}`,
        parameters: { type: 'object', properties },
      },
      lost: [`tools[0].parameters.${word} tool-schema approximated semantic`],
    })
  })

  it('lets lists hold anything where its schema does not say what', () => {
    const { definition, lost } = sent({
      parameters: {
        type: 'object',
        properties: { items: { type: 'array' }, b: { anyOf: [{ type: ['array', 'null'] }, text] }, c: { type: 'array', items: text } },
      },
    })
    expect(definition?.parameters).toEqual({
      type: 'object',
      properties: { items: { type: 'array', items: {} }, b: { anyOf: [{ type: ['array', 'null'], items: {} }, text] }, c: { type: 'array', items: text } },
    })
    expect(lost).toEqual([
      'tools[0].parameters.properties.items.items tool-schema invented hint',
      'tools[0].parameters.properties.b.anyOf[0].items tool-schema invented hint',
    ])
  })
})
