import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { GatewayError } from '../../../core/errors.ts'
import { peekJson } from '../../../core/wire/json-peek.ts'

const wanted = ['model', 'stream', 'other', '']

/** Names that JavaScript objects order by insertion, so that the text and the object agree on order. */
const name = fc
  .oneof(fc.constantFrom('model', 'stream', 'other', '', 'é', '😀', 'a"b', 'back\\slash', 'Model'), fc.string({ maxLength: 6 }))
  .filter((key) => !/^\d+$/.test(key) && key !== '__proto__')
const text = fc.oneof(
  fc.string({ unit: 'grapheme' }),
  fc.constantFrom('"', '\\', '\\"', '{"model":"inner"}', '\\\\"}', 'x'.repeat(300), `${'y'.repeat(140)}\\"${'z'.repeat(140)}`),
)
const scalar = fc.oneof(text, fc.integer(), fc.double({ noNaN: true, noDefaultInfinity: true }), fc.boolean(), fc.constant(null))
const value = fc.oneof(scalar, fc.jsonValue({ maxDepth: 4 }), fc.array(text, { maxLength: 3 }), fc.dictionary(name, text, { maxKeys: 3 }))
const object = fc.uniqueArray(fc.tuple(name, value), { selector: ([key]) => key, maxLength: 8 })
const space = fc.constantFrom('', ' ', '\n', '\t \r\n')

/** JSON text of an object with white space between the tokens, and where each member's value stands in bytes. */
function write(members: readonly (readonly [string, unknown])[], gap: string, mark: string) {
  const positions = new Map<string, { start: number; end: number; value: unknown }>()
  let json = `${mark}${gap}{${gap}`
  for (const [index, [key, member]] of members.entries()) {
    json += `${index > 0 ? `,${gap}` : ''}${JSON.stringify(key)}${gap}:${gap}`
    const start = Buffer.byteLength(json)
    json += JSON.stringify(member, null, gap.length)
    positions.set(key, { start, end: Buffer.byteLength(json), value: member })
    json += gap
  }
  return { body: Buffer.from(`${json}}${gap}`), positions }
}

function codeOf(body: string | Buffer, names = wanted): string {
  try {
    peekJson(Buffer.from(body as string), names)
  } catch (error) {
    return GatewayError.is(error) ? error.code : `not a GatewayError: ${error}`
  }
  return 'accepted'
}

describe('peekJson', () => {
  it('finds what JSON.parse finds, at the exact bytes', () => {
    fc.assert(
      fc.property(object, space, fc.constantFrom('', '\uFEFF'), (members, gap, mark) => {
        const { body, positions } = write(members, gap, mark)
        const found = peekJson(body, wanted)
        const parsed = JSON.parse(body.toString('utf8').replace(/^\uFEFF/, ''))
        expect([...found.keys()].sort()).toEqual(
          Object.keys(parsed)
            .filter((key) => wanted.includes(key))
            .sort(),
        )
        for (const [key, member] of found) {
          const expected = positions.get(key)
          expect({ start: member.start, end: member.end }).toEqual({ start: expected?.start, end: expected?.end })
          const plain = parsed[key]
          expect(JSON.parse(body.toString('utf8', member.start, member.end))).toEqual(plain)
          expect(member.type).toBe(plain === null ? 'null' : Array.isArray(plain) ? 'array' : typeof plain)
          expect(member.value).toEqual(typeof plain === 'object' && plain !== null ? undefined : plain)
        }
      }),
      { numRuns: 1000 },
    )
  })

  it('refuses every body that JSON.parse cannot read, as far as it looks: cut anywhere', () => {
    fc.assert(
      fc.property(object, space, fc.nat(), (members, gap, at) => {
        const { body } = write(members, gap, '')
        const solid = body.toString('latin1').trimEnd().length
        expect(codeOf(body.subarray(0, at % solid))).toBe('TKL_REQUEST_JSON')
      }),
    )
  })

  it('never accepts what is no object, and throws nothing but its own error, whatever the bytes are', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes)),
          fc.string({ unit: fc.constantFrom(...'{}[]",:\\ \n01.e-truefalsn\uFEFF') }).map((soup) => Buffer.from(soup)),
        ),
        (body) => {
          const code = codeOf(body)
          expect(['accepted', 'TKL_REQUEST_JSON', 'TKL_REQUEST_DUPLICATE_MEMBER']).toContain(code)
          let parsed: unknown
          try {
            parsed = JSON.parse(body.toString('utf8').replace(/^\uFEFF/, ''))
          } catch {
            return
          }
          const isObject = typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed)
          if (code !== 'TKL_REQUEST_DUPLICATE_MEMBER') expect(code).toBe(isObject ? 'accepted' : 'TKL_REQUEST_JSON')
        },
      ),
      { numRuns: 2000 },
    )
  })

  it.each([
    '{"model":"a","model":"b"}',
    '{"model":"a","x":[{"model":1}],"model":"a"}',
    '{"model":"a","\\u006dodel":"b"}',
    '{"mod\\u0065l":"a"}',
    '{"\\u0073\\u0074ream":true,"model":"a"}',
  ])('refuses a wanted member that stands twice or is spelled with escapes: %s', (body) => {
    expect(codeOf(body)).toBe('TKL_REQUEST_DUPLICATE_MEMBER')
  })

  it('minds only wanted members of the top level', () => {
    expect(codeOf('{"x":1,"x":2,"\\u0078":3,"nested":{"model":"a","model":"b","mod\\u0065l":1},"model":"m"}')).toBe('accepted')
  })

  it.each([
    '',
    ' ',
    'null',
    '[]',
    '"model"',
    '{',
    '{"model"}',
    '{"model":}',
    '{"model":,"x":1}',
    '{"model":"m",}',
    '{,"model":"m"}',
    '{"model" "m"}',
    '{"model":"m" "x":1}',
    '{"model":"m"}x',
    '{"model":"m"}{}',
    '{model:"m"}',
    "{'model':'m'}",
    '{"model":tru}',
    '{"model":01}',
    '{"model":NaN}',
    '{"x":undefined}',
    '{"model":"\\x"}',
    '{"model":"a\nb"}',
    '{"x":[}',
    '{"x":[1,2}',
    '{"x":{]}',
    '{"x":[1]]}',
    '{"x":"\\"}',
    '{"x":"a',
    `{"x":"${'a'.repeat(500)}\\`,
    `{"x":"${'a'.repeat(500)}\\"}`,
    '{"bad \\q key":1}',
  ])('refuses malformed JSON: %s', (body) => {
    expect(codeOf(body)).toBe('TKL_REQUEST_JSON')
  })

  it('names the byte at fault', () => {
    expect(() => peekJson(Buffer.from('{"é":1,"x":?}'), wanted)).toThrow(/at byte 12/)
  })

  it('takes 512 levels of nesting and refuses one more', () => {
    const nested = (depth: number) => `{"model":"m","x":${'['.repeat(depth)}${']'.repeat(depth)}}`
    expect(codeOf(nested(512))).toBe('accepted')
    expect(codeOf(nested(513))).toBe('TKL_REQUEST_JSON')
    expect(codeOf(`{"x":${'['.repeat(5_000_000)}`)).toBe('TKL_REQUEST_JSON')
  })

  it('ends strings at the right quote after any number of backslashes, at any distance', () => {
    for (const length of [0, 1, 2, 100, 126, 127, 128, 129, 130, 254, 255, 256, 257, 300])
      for (let slashes = 0; slashes < 6; slashes++) {
        const inner = `${'a'.repeat(length)}${'\\'.repeat(slashes)}" ] }`
        const body = Buffer.from(JSON.stringify({ x: [inner], model: 'm' }))
        expect(peekJson(body, wanted).get('model')?.value, `${length} letters, ${slashes} backslashes`).toBe('m')
      }
  })
})
