import { LossSink } from 'tokligence'
import { describe, expect, it } from 'vitest'
import { fromGoogleSchema } from '../../../../plugins/protocol/gemini/request/google-schema.ts'
import { parameterSchema, supportedSchema } from '../../../../plugins/protocol/gemini/request/json-schema-subset.ts'
import { toGoogleSchema } from '../../../../plugins/protocol/gemini/request/to-google-schema.ts'
import { refuseSchema } from '../../../support/gemini-schema-rules.ts'

describe('the vendor’s Schema', () => {
  const google = {
    type: 'OBJECT',
    description: 'A thing.',
    propertyOrdering: ['b', 'a'],
    required: ['a'],
    minProperties: '1',
    properties: {
      a: { type: 'STRING', format: 'enum', enum: ['x', 'y'], nullable: true },
      b: { type: 'ARRAY', minItems: '1', maxItems: '5', items: { type: 'INTEGER', format: 'int32', enum: ['1', '2'] } },
      c: { anyOf: [{ type: 'STRING' }, { type: 'NUMBER' }], nullable: true, example: 'x' },
      type: { type: 'TYPE_UNSPECIFIED', title: 'Whatever' },
    },
  }

  it('is plain JSON Schema in the neutral form', () => {
    const plain = fromGoogleSchema(google)
    expect(plain).toEqual({
      type: 'object',
      description: 'A thing.',
      required: ['a'],
      minProperties: 1,
      properties: {
        a: { type: ['string', 'null'], enum: ['x', 'y', null] },
        b: { type: 'array', minItems: 1, maxItems: 5, items: { type: 'integer', format: 'int32', enum: [1, 2] } },
        c: { anyOf: [{ type: 'string' }, { type: 'number' }, { type: 'null' }], examples: ['x'] },
        type: { title: 'Whatever' },
      },
    })
    expect(Object.keys((plain as { properties: object }).properties)).toEqual(['b', 'a', 'c', 'type'])
  })

  it('is read in snake_case, and with types as numbers', () => {
    expect(fromGoogleSchema({ type: 6, property_ordering: ['a'], properties: { a: { type: 5, min_items: '2', items: { any_of: [{ type: 1 }] } } } })).toEqual({
      type: 'object',
      properties: { a: { type: 'array', minItems: 2, items: { anyOf: [{ type: 'string' }] } } },
    })
  })

  it.each([
    [
      { $ref: '#/$defs/A', nullable: true, description: 'A.', $defs: { A: { type: 'STRING' } } },
      { description: 'A.', $defs: { A: { type: 'string' } }, anyOf: [{ $ref: '#/$defs/A' }, { type: 'null' }] },
    ],
    [{ oneOf: [{ type: 'STRING' }], nullable: true }, { anyOf: [{ oneOf: [{ type: 'string' }] }, { type: 'null' }] }],
    [{ type: ['string', 'integer'], nullable: true }, { type: ['string', 'integer', 'null'] }],
    [
      { type: 'STRING', anyOf: [{ format: 'date' }], nullable: true },
      { type: ['string', 'null'], anyOf: [{ format: 'date' }, { type: 'null' }] },
    ],
    [{ type: 'NULL', nullable: true }, { type: 'null' }],
  ])('lets null in wherever it may be: %j', (schema, plain) => {
    expect(fromGoogleSchema(schema)).toEqual(plain)
  })

  it.each([
    { type: 'object', properties: { type: { type: 'string', enum: ['STRING', 'nullable'] }, nullable: { const: true } }, additionalProperties: false },
    { $schema: 'x', $defs: { A: { type: ['string', 'null'] } }, $ref: '#/$defs/A', default: { type: 'OBJECT' }, allOf: [{ not: {} }] },
    true,
  ])('leaves JSON Schema as it is: %j', (schema) => {
    expect(fromGoogleSchema(schema)).toEqual(schema)
  })

  it('is written from JSON Schema, with what it has no field for', () => {
    const { schema, lost } = toGoogleSchema({
      $schema: 'x',
      type: 'object',
      $defs: { A: { type: 'object', properties: { next: { $ref: '#/$defs/A' } } } },
      properties: {
        a: { type: ['string', 'null'], minLength: 1 },
        b: { oneOf: [{ type: 'null' }, { type: 'integer' }], title: 'B' },
        c: { const: 'x', type: 'string' },
        d: { type: ['string', 'number'] },
        e: { $ref: '#/$defs/A' },
        f: { type: 'string', enum: ['p', null], examples: ['p'] },
      },
      required: ['a'],
      additionalProperties: false,
    })
    expect(schema).toMatchObject({
      type: 'OBJECT',
      propertyOrdering: ['a', 'b', 'c', 'd', 'e', 'f'],
      properties: {
        a: { type: 'STRING', nullable: true, minLength: '1' },
        b: { type: 'INTEGER', nullable: true },
        c: { type: 'STRING', enum: ['x'], format: 'enum' },
        d: { anyOf: [{ type: 'STRING' }, { type: 'NUMBER' }] },
        e: { type: 'OBJECT', properties: { next: { type: 'OBJECT' } } },
        f: { type: 'STRING', enum: ['p'], nullable: true, example: 'p' },
      },
      required: ['a'],
    })
    expect(lost).toEqual(['$ref', 'additionalProperties'])
    expect(refuseSchema(schema, 'schema')).toBeUndefined()
  })
})

describe('JSON Schema for the vendor', () => {
  const written = (schema: object) => {
    const losses = new LossSink()
    return {
      schema: supportedSchema(schema as never, 'schema', losses),
      lost: losses.losses.map(({ feature, severity, detail }) => `${feature} ${severity} ${detail}`),
    }
  }

  it('keeps what it reads, and says the rest in words', () => {
    expect(
      written({ type: 'object', properties: { a: { type: 'string', description: 'A.', pattern: '^x', default: 'x' } }, additionalProperties: false }),
    ).toEqual({
      schema: {
        type: 'object',
        properties: { a: { type: 'string', description: 'A.\n\nIt must also satisfy this JSON Schema: {"pattern":"^x","default":"x"}' } },
        additionalProperties: false,
      },
      lost: ['schema-keywords semantic Told in the description, not enforced: pattern.', 'schema-annotations hint Told in the description: default.'],
    })
  })

  it.each<[object, object]>([
    [{ $schema: 'x', $comment: 'y', type: 'string' }, { type: 'string' }],
    [{ const: 'a' }, { enum: ['a'] }],
    [
      { type: 'integer', exclusiveMinimum: 0, exclusiveMaximum: 10 },
      { type: 'integer', minimum: 1, maximum: 9 },
    ],
    [{ allOf: [{ type: 'string' }] }, { anyOf: [{ type: 'string' }] }],
    [
      { type: ['string', 'null'], enum: ['a', null] },
      { type: ['string', 'null'], enum: ['a'] },
    ],
    [{ enum: ['a', 1, null] }, { anyOf: [{ enum: ['a', 1] }, { type: 'null' }] }],
    [
      { type: 'array', items: true },
      { type: 'array', items: {} },
    ],
    [
      { definitions: { A: { type: 'string' } }, type: 'object', properties: { a: { $ref: '#/definitions/A', description: 'An A.' } } },
      { $defs: { A: { type: 'string' } }, type: 'object', properties: { a: { description: 'An A.', anyOf: [{ $ref: '#/$defs/A' }] } } },
    ],
    [
      { $ref: '#/$defs/A', $defs: { A: { type: 'object', properties: {} } } },
      { $defs: { A: { type: 'object', properties: {} } }, type: 'object', properties: {} },
    ],
  ])('says %j without a loss', (schema, expected) => {
    expect(written(schema)).toEqual({ schema: expected, lost: [] })
  })

  it.each([
    { const: true },
    { type: 'number', exclusiveMinimum: 0.5 },
    { not: { type: 'string' } },
    { allOf: [{}, {}] },
    { enum: [1, true] },
    { enum: [null] },
    { type: 'object', properties: {}, required: ['a'] },
  ])('reports what %j loses', (schema) => {
    const { schema: told, lost } = written(schema)
    expect(told).toHaveProperty('description')
    expect(lost).toEqual([expect.stringMatching(/^schema-keywords semantic/)])
  })

  it('is an object for the parameters of a function, without alternatives at its top', () => {
    const losses = new LossSink()
    expect(parameterSchema({}, 'p', losses)).toEqual({ type: 'object', properties: {} })
    expect(losses.losses).toEqual([])
    expect(parameterSchema({ anyOf: [{ type: 'object' }] }, 'p', losses)).toEqual({
      type: 'object',
      properties: {},
      description: 'It must also satisfy this JSON Schema: {"anyOf":[{"type":"object"}]}',
    })
    expect(losses.losses).toMatchObject([{ feature: 'tool-schema', severity: 'semantic' }])
  })
})
