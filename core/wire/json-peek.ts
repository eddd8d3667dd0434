import { GatewayError } from '../errors.ts'

/** A top-level member of a JSON object, with the byte positions of its value. */
export interface JsonMember {
  /** The parsed value of a scalar; undefined for an object or an array, whose text is not looked into. */
  readonly value: string | number | boolean | null | undefined
  readonly type: 'string' | 'number' | 'boolean' | 'null' | 'object' | 'array'
  /** The value's first byte. */
  readonly start: number
  /** The byte behind the value. */
  readonly end: number
}

const quote = 0x22
const comma = 0x2c
const colon = 0x3a
const openBrace = 0x7b
const closeBrace = 0x7d
const openBracket = 0x5b

/**
 * Finds top-level members of a JSON object by name without parsing the rest.
 *
 * Throws GatewayError `TKL_REQUEST_JSON` when the bytes are not one object with balanced strings and brackets, and
 * `TKL_REQUEST_DUPLICATE_MEMBER` when a wanted member stands twice or a key that spells it uses escapes, because a provider's parser might
 * then read another one than we did. Nested values are only balanced, not validated: the reader behind us does that.
 */
export function peekJson(body: Buffer, wanted: readonly string[]): Map<string, JsonMember> {
  const found = new Map<string, JsonMember>()
  let at = skipSpace(body, bomLength(body))
  if (body[at] !== openBrace) throw notJson(at, 'an object is expected')
  at = skipSpace(body, at + 1)
  if (body[at] === closeBrace) {
    expectEnd(body, at + 1)
    return found
  }
  for (;;) {
    if (body[at] !== quote) throw notJson(at, 'a member name is expected')
    const keyEnd = stringEnd(body, at)
    const rawKey = body.toString('latin1', at + 1, keyEnd - 1)
    const escaped = rawKey.includes('\\')
    const key = escaped ? (parseAt(body, at, keyEnd) as string) : rawKey
    at = skipSpace(body, keyEnd)
    if (body[at] !== colon) throw notJson(at, '":" is expected')
    at = skipSpace(body, at + 1)
    const end = valueEnd(body, at)
    if (wanted.includes(key)) {
      if (escaped || found.has(key))
        throw new GatewayError(
          'TKL_REQUEST_DUPLICATE_MEMBER',
          escaped ? `The member "${key}" is spelled with escapes; write it plainly.` : `The member "${key}" stands twice; send it once.`,
          {
            param: key,
          },
        )
      found.set(key, member(body, at, end))
    }
    at = skipSpace(body, end)
    if (body[at] === comma) {
      at = skipSpace(body, at + 1)
      continue
    }
    if (body[at] !== closeBrace) throw notJson(at, '"," or "}" is expected')
    expectEnd(body, at + 1)
    return found
  }
}

function member(body: Buffer, start: number, end: number): JsonMember {
  const first = body[start]
  if (first === openBrace) return { type: 'object', value: undefined, start, end }
  if (first === openBracket) return { type: 'array', value: undefined, start, end }
  const value = parseAt(body, start, end) as string | number | boolean | null
  return { type: value === null ? 'null' : (typeof value as 'string' | 'number' | 'boolean'), value, start, end }
}

function parseAt(body: Buffer, start: number, end: number): unknown {
  try {
    return JSON.parse(body.toString('utf8', start, end))
  } catch {
    throw notJson(start, 'the value cannot be read')
  }
}

function bomLength(body: Buffer): number {
  return body[0] === 0xef && body[1] === 0xbb && body[2] === 0xbf ? 3 : 0
}

function skipSpace(body: Buffer, at: number): number {
  let index = at
  for (;;) {
    const byte = body[index]
    if (byte !== 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09) return index
    index++
  }
}

/** Over a stretch that may be this short, a native search costs more than a loop. */
const shortStretch = 128

/** The index behind the closing quote of the string that opens at `at`. */
function stringEnd(body: Buffer, at: number): number {
  // Constants of the function, because a bundler makes variables of a module's constants, and the loop a third slower.
  const quote = 0x22
  const backslash = 0x5c
  let index = at + 1
  for (;;) {
    const stop = Math.min(index + shortStretch, body.length)
    while (index < stop) {
      const byte = body[index++]
      if (byte === quote) return index
      if (byte === backslash) index++
    }
    const close = index < body.length ? body.indexOf(quote, index) : -1
    if (close === -1) throw notJson(at, 'a string is not closed')
    let slashes = 0
    while (close - slashes > index && body[close - 1 - slashes] === backslash) slashes++
    if (slashes % 2 === 0) return close + 1
    index = close + 1
  }
}

function valueEnd(body: Buffer, at: number): number {
  const first = body[at]
  if (first === quote) return stringEnd(body, at)
  if (first === openBrace || first === openBracket) return containerEnd(body, at)
  let index = at
  for (;;) {
    const byte = body[index]
    if (byte === undefined || byte === comma || byte === closeBrace || byte <= 0x20) break
    index++
  }
  if (index === at) throw notJson(at, 'a value is expected')
  // A bare word is a number or a literal; anything else is caught here rather than at the provider.
  parseAt(body, at, index)
  return index
}

const maximumDepth = 512

function containerEnd(body: Buffer, start: number): number {
  const quote = 0x22
  const openBrace = 0x7b
  const closeBrace = 0x7d
  const closers: number[] = []
  let index = start
  while (index < body.length) {
    const byte = body[index] as number
    if (byte === quote) {
      index = stringEnd(body, index)
      continue
    }
    index++
    // Brackets and braces differ in the bit 0x20 alone, opening and closing ones by two.
    const shape = byte | 0x20
    if (shape === openBrace) {
      if (closers.length >= maximumDepth) throw notJson(index - 1, `values are nested deeper than ${maximumDepth}`)
      closers.push(byte + 2)
    } else if (shape === closeBrace) {
      if (closers.pop() !== byte) throw notJson(index - 1, 'brackets do not match')
      if (closers.length === 0) return index
    }
  }
  throw notJson(body.length, 'the text ends inside a value')
}

function expectEnd(body: Buffer, at: number): void {
  const end = skipSpace(body, at)
  if (end < body.length) throw notJson(end, 'nothing may follow the object')
}

function notJson(position: number, reason: string): GatewayError {
  return new GatewayError('TKL_REQUEST_JSON', `The body is not valid JSON at byte ${position}: ${reason}.`)
}
