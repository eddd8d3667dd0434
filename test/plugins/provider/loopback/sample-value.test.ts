import type { Json } from 'tokligence'
import { describe, expect, it } from 'vitest'
import { sampleValue } from '../../../../plugins/provider/loopback/sample-value.ts'

const node: Json = { type: 'object', properties: { next: { $ref: '#/$defs/node' } }, required: ['next'] }

describe('a value made from a JSON Schema', () => {
  it.each<[Json, Json]>([
    [{ type: 'string' }, 'loopback'],
    [{ type: 'string', format: 'date' }, '2026-01-01'],
    [{ type: 'string', minLength: 10 }, 'loopback..'],
    [{ type: 'string', maxLength: 4 }, 'loop'],
    [{ type: 'integer', exclusiveMinimum: 6 }, 7],
    [{ type: 'number', maximum: -1 }, -1],
    [{ type: 'integer', minimum: -9007199254740991, maximum: 9007199254740991 }, 1],
    [{ type: 'boolean' }, true],
    [{ type: 'null' }, null],
    [{ type: ['string', 'null'] }, 'loopback'],
    [{ type: 'STRING' }, 'loopback'],
    [{ enum: ['b', 'a'] }, 'b'],
    [{ const: 3 }, 3],
    [{ type: 'integer', default: 42 }, 42],
    [{ type: 'array', items: { type: 'boolean' } }, [true]],
    [{ type: 'array' }, []],
    [{ anyOf: [{ type: 'integer' }, { type: 'null' }] }, 1],
    [{ type: 'object', properties: { a: { type: 'boolean' }, b: {} }, required: ['a'] }, { a: true }],
    [{ properties: { a: { type: 'boolean' } } }, { a: true }],
    [{ $defs: { 'a/b': { type: 'integer' } }, properties: { x: { $ref: '#/$defs/a~1b' } } }, { x: 1 }],
    [{}, {}],
  ])('fits %j', (schema, value) => {
    expect(sampleValue(schema)).toEqual(value)
  })

  it('comes to an end for a schema that refers to itself', () => {
    expect(JSON.stringify(sampleValue({ $defs: { node }, $ref: '#/$defs/node' })).length).toBeLessThan(200)
  })
})
