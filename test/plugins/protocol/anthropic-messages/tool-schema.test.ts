import type { FunctionTool, ModelFacts } from 'tokligence'
import { describe, expect, it } from 'vitest'
import { conversation, decodeRequest, encodeRequest, said } from './subject.ts'

function encode(tool: Omit<FunctionTool, 'type' | 'name'>, facts?: ModelFacts) {
  const { body, losses } = encodeRequest(conversation([said('user', 'hi')], { tools: [{ type: 'function', name: 'f', ...tool }] }), facts)
  const [wire] = body.tools as { strict?: boolean; input_schema: unknown }[]
  return { wire, losses }
}

const alternatives = [{ required: ['a'] }, { required: ['b'] }]
const properties = { a: { type: 'string' }, b: { type: 'string' } }

describe('the schema of a tool', () => {
  it.each(['anyOf', 'oneOf', 'allOf'])('has its %s at the top in the description, because the provider rejects it there', (combinator) => {
    const { wire, losses } = encode({ parameters: { description: 'One of two.', properties, [combinator]: alternatives } })
    expect(wire?.input_schema).toEqual({
      type: 'object',
      properties,
      description: `One of two.\n\n{${combinator}: ${JSON.stringify(alternatives)}}`,
    })
    expect(losses).toMatchObject([{ path: 'tools[0].parameters', feature: 'tool-schema', action: 'approximated', severity: 'semantic' }])
  })

  it('keeps combinators further down', () => {
    const parameters = { type: 'object', properties: { a: { anyOf: [{ type: 'string' }, { type: 'null' }] } } }
    expect(encode({ parameters })).toEqual({ wire: { name: 'f', input_schema: parameters }, losses: [] })
  })

  it('is an object, whatever else it may be', () => {
    const { wire, losses } = encode({ parameters: { type: ['object', 'null'], properties } })
    expect(wire?.input_schema).toEqual({ type: 'object', properties })
    expect(losses).toMatchObject([{ feature: 'tool-schema' }])
  })

  it('is not enforced when its alternatives were all that it had: closed, it would take no argument', () => {
    const { wire, losses } = encode({ parameters: { anyOf: [{ type: 'object', properties }] }, strict: true })
    expect(wire).not.toHaveProperty('strict')
    expect(wire?.input_schema).not.toHaveProperty('additionalProperties')
    expect(losses.map(({ path, action }) => `${path} ${action}`)).toEqual(['tools[0].parameters approximated', 'tools[0].strict dropped'])
    expect(encode({ parameters: { properties, anyOf: alternatives }, strict: true }).wire).toMatchObject({ strict: true })
  })

  it('is not enforced by a model that cannot', () => {
    const parameters = { type: 'object', properties: { a: { type: 'integer', minimum: 1 } } }
    const { wire, losses } = encode({ parameters, strict: true }, { structuredOutput: false })
    expect(wire).toEqual({ name: 'f', input_schema: parameters })
    expect(losses).toMatchObject([{ path: 'tools[0].strict', feature: 'strict-tool', action: 'dropped', severity: 'semantic' }])
    expect(encode({ parameters, strict: false }, { structuredOutput: false })).toEqual({ wire: { name: 'f', input_schema: parameters }, losses: [] })
    expect(encode({ parameters, strict: true }, { structuredOutput: true }).wire).toMatchObject({ strict: true })
  })

  it('of this protocol’s own request stays as it stands', () => {
    const tools = [{ name: 'f', strict: true, input_schema: { type: 'object', oneOf: alternatives } }]
    const own = decodeRequest({ model: 'm', max_tokens: 5, messages: [{ role: 'user', content: 'hi' }], tools })
    expect(encodeRequest(own, { structuredOutput: false })).toMatchObject({ body: { tools }, losses: [] })
  })
})
