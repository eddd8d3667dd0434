import { type FieldReader, GatewayError, type Json, replyReader, requestReader } from 'tokligence'
import { describe, expect, it } from 'vitest'

type Method = Exclude<keyof FieldReader, 'lenient' | 'fault'>
const read = (method: Method, value: Json | undefined) => requestReader[method](value as never, 'messages[2].content')

const values: Readonly<Record<string, Json>> = { string: 'a', number: 1.5, integer: 3, boolean: false, object: { a: 1 }, array: [1], null: null }
const accepted: readonly (readonly [Method, readonly string[]])[] = [
  ['string', ['string']],
  ['optionalString', ['string']],
  ['optionalNumber', ['number', 'integer']],
  ['optionalInteger', ['integer']],
  ['optionalBoolean', ['boolean']],
  ['object', ['object']],
  ['optionalObject', ['object']],
  ['array', ['array']],
  ['optionalArray', ['array']],
]

describe('reading a field', () => {
  it.each(accepted)('as %s takes %j and nothing else', (method, types) => {
    for (const [type, value] of Object.entries(values)) {
      if (types.includes(type)) expect(read(method, value)).toBe(value)
      else expect(() => read(method, value), type).toThrow(GatewayError)
    }
  })

  it.each(accepted.map(([method]) => method).filter((method) => method.startsWith('optional')))('as %s takes its absence', (method) => {
    expect(read(method, undefined)).toEqual(method === 'optionalArray' ? [] : undefined)
  })

  it.each(['string', 'object', 'array'] as const)('as %s needs it to be there', (method) => {
    expect(() => read(method, undefined)).toThrow(
      `"messages[2].content" must be ${method === 'string' ? 'a string' : method === 'object' ? 'an object' : 'an array'}.`,
    )
  })

  it('of a caller names the field at fault, and of a provider blames the provider', () => {
    const failure = (reader: FieldReader) => reader.fault('a.b', 'a string').toWire()
    expect(failure(requestReader)).toMatchObject({ code: 'TKL_REQUEST_INVALID', status: 400, param: 'a.b' })
    expect(failure(replyReader)).toMatchObject({ code: 'TKL_UPSTREAM_MALFORMED', status: 502 })
    expect(failure(requestReader).message).toBe('"a.b" must be a string.')
    expect([requestReader.lenient, replyReader.lenient]).toEqual([false, true])
  })
})
