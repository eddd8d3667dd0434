import { describe, expect, it } from 'vitest'
import { Secret } from '../../core/config/secret.ts'
import { createLogger, redactText } from '../../core/logger.ts'

function logged(write: (logger: ReturnType<typeof createLogger>) => void): string {
  const lines: string[] = []
  write(createLogger({ level: 'trace', format: 'json', destination: { write: (line) => void lines.push(line) } }))
  return lines.join('')
}

const key = 'sk-proj-abcdefghijklmnopqrstuvwx'

describe('the log', () => {
  it.each(['authorization', 'x-api-key', 'x-goog-api-key', 'cookie', 'x-tokligence-key', 'apiKey', 'password'])(
    'takes the value out of a field called %s, at any of three depths',
    (name) => {
      const text = logged((logger) => {
        logger.info({ [name]: key }, 'flat')
        logger.info({ headers: { [name]: key } }, 'nested')
        logger.info({ request: { headers: { [name]: key } } }, 'deep')
      })
      expect(text).not.toContain(key)
      expect(text.match(/\[redacted\]/g)).toHaveLength(3)
    },
  )

  it('takes keys out of messages, error messages, stacks and causes', () => {
    const text = logged((logger) => {
      logger.info(`called with Bearer ${key}`)
      logger.error({ error: new Error(`bad key ${key}`, { cause: new Error(`https://host/path?key=${key}&x=1`) }) }, 'failed')
    })
    expect(text).not.toContain(key)
    expect(text).toContain('x=1')
  })

  it('prints a Secret as [secret], whatever way it is printed', () => {
    const secret = new Secret(key)
    const text = logged((logger) => logger.info({ options: { key: secret } }, `${secret}`))
    expect(text).not.toContain(key)
    expect(JSON.stringify({ secret })).toBe('{"secret":"[secret]"}')
    expect(secret.reveal()).toBe(key)
  })

  it.each(['AIzaSyA1234567890abcdefghijklmnopqrstuv', 'tk-0123456789abcdef0123', key])('knows %s for a key in free text', (value) => {
    expect(redactText(`x ${value} y`)).toBe('x [redacted] y')
  })

  it.each([
    'gsk_abcdefghijklmnopqrst',
    'xai-abcdefghijklmnopqrst',
    'hf_abcdefghijklmnopqrst',
    'ghp_abcdefghijklmnopqrst',
    'gho_abcdefghijklmnopqrst',
    'github_pat_11ABCDEFG0_abcdefghijk',
    'AKIAIOSFODNN7EXAMPLE',
    'sk_live_abcdefghijklmnop',
    'sk_test_abcdefghijklmnop',
    'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl',
  ])('knows %s for a key in free text and in any field', (value) => {
    expect(redactText(`x "${value}", y`)).toBe('x "[redacted]", y')
    expect(logged((logger) => logger.info({ a: { b: { c: [{ note: `x ${value}` }] } } }))).toContain('"note":"x [redacted]"')
  })

  it.each([
    ['Bearer abcdefgh', 'Bearer [redacted]'],
    ['sent Basic dXNlcjpwYXNzd29yZA== to', 'sent Basic [redacted] to'],
    ['x-api-key: opaque1 and', 'x-api-key: [redacted] and'],
    ['X-Api-Key: opaque1', 'X-Api-Key: [redacted]'],
    ['api-key=opaque1&x=1', 'api-key=[redacted]&x=1'],
    ['OPENAI_API_KEY=opaque1', 'OPENAI_API_KEY=[redacted]'],
    ['authorization: opaque1', 'authorization: [redacted]'],
    ['Authorization: Basic dXNlcjpwYXNz, host: x', 'Authorization: [redacted], host: x'],
    ['{"apiKey":"two words","x":1}', '{"apiKey":"[redacted]","x":1}'],
    ['{\\"authorization\\":\\"opaque1\\"}', '{\\"authorization\\":\\"[redacted]\\"}'],
    ['see https://user:p@ss@host/path@1', 'see https://[redacted]@host/path@1'],
  ])('makes of %s: %s', (text, redacted) => {
    expect(redactText(text)).toBe(redacted)
  })

  it.each([
    'the key to the task is a token',
    'basic authentication is missing; authorization is required',
    'providers.main.apiKey: is empty',
    'https://host/@scope/name and file:///a/node_modules/@scope/name.js',
    'task-management and disk-utilisation-percentages',
    '"apiKey": "********"',
  ])('leaves ordinary text alone: %s', (text) => {
    expect(redactText(text)).toBe(text)
  })

  it('takes secrets out of an error that is a plain object, a bare error and the fields of a child logger', () => {
    const text = logged((logger) => {
      logger.error({ error: { message: `bad ${key}`, request: { options: { headers: { 'x-api-key': 'opaque-value' } } } } }, 'failed')
      logger.error(new Error(`bare ${key}`))
      logger.error({ err: new Error('outer', { cause: { deep: [`inner ${key}`] } }) })
      logger.child({ apiKey: 'opaque-value', note: key }).child({ plugin: 'x' }).info('%s %j', key, { password: 'opaque-value' })
    })
    expect(text).not.toContain(key)
    expect(text).not.toContain('opaque-value')
    expect(text).toContain('"plugin":"x"')
    expect(text).toContain('"message":"outer"')
  })

  it('prints what is no secret as it is, and leaves the object of the caller as it was', () => {
    const fields = { tokens: 5, timeToFirstToken: 1.5, list: [1, 'text', null, true], at: new Date(0), token: undefined, nested: { secret: 'opaque-value' } }
    const text = logged((logger) => logger.info(fields))
    expect(JSON.parse(text)).toMatchObject({ tokens: 5, timeToFirstToken: 1.5, list: [1, 'text', null, true], at: '1970-01-01T00:00:00.000Z' })
    expect(fields.nested.secret).toBe('opaque-value')
    expect(text).not.toContain('opaque-value')
  })

  it('survives cycles, getters that throw, binary data and values that are too deep or too many', () => {
    const circular: Record<string, unknown> = { name: 'loop' }
    circular.self = circular
    const cause = new Error('cyclic')
    cause.cause = cause
    let deep: object = { secretText: key }
    for (let level = 0; level < 20; level++) deep = { deep }
    const throwing = {
      get value(): string {
        throw new Error(`no ${key}`)
      },
    }
    const text = logged((logger) =>
      logger.info({ circular, cause, throwing, deep, bytes: Buffer.from(key), long: `${'a '.repeat(8_190)}${key}`, many: Array(100_000).fill('item') }),
    )
    expect(JSON.parse(text)).toMatchObject({ circular: { name: 'loop', self: '[circular]' }, cause: { message: 'cyclic', cause: '[circular]' } })
    expect(text).not.toContain('sk-')
    expect(text.length).toBeLessThan(60_000)
  })

  it('prints a value that is no object under a name', () => {
    expect(JSON.parse(logged((logger) => logger.info(new URL('https://a:b@host/'))))).toMatchObject({ value: 'https://[redacted]@host/' })
  })
})
