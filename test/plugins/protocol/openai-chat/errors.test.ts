import type { WireError } from 'tokligence'
import { describe, expect, it } from 'vitest'
import { protocol } from './subject.ts'

function decode(status: number, body: unknown, headers: Record<string, string | string[]> = {}) {
  return protocol.decodeError(status, Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)), headers)
}

describe('an error of the vendor', () => {
  it('keeps message, type, code, param and what else it says', () => {
    const error = { message: 'Too long', type: 'invalid_request_error', param: 'messages', code: 'context_length_exceeded', innererror: { code: 'x' } }
    expect(decode(400, { error })).toEqual({
      status: 400,
      kind: 'invalid-request',
      message: 'Too long',
      vendorType: 'invalid_request_error',
      param: 'messages',
      code: 'context_length_exceeded',
      details: { innererror: { code: 'x' } },
    })
  })

  it.each<[number, object, WireError['kind']]>([
    [401, { type: 'invalid_request_error', code: 'invalid_api_key' }, 'authentication'],
    [404, { type: 'invalid_request_error', code: 'model_not_found' }, 'not-found'],
    [429, { type: 'insufficient_quota', code: 'insufficient_quota' }, 'billing'],
    [429, { type: 'tokens', code: 'rate_limit_exceeded' }, 'rate-limit'],
    [429, { type: 'requests', code: null }, 'rate-limit'],
    [400, { type: 'invalid_request_error', code: null }, 'invalid-request'],
    [403, { type: 'invalid_request_error', code: 'unsupported_country_region_territory' }, 'permission'],
    [500, { type: 'server_error' }, 'internal'],
    [503, { type: 'server_error' }, 'overloaded'],
    [400, { code: '1500' }, 'invalid-request'],
    [529, {}, 'overloaded'],
  ])('with status %i and %j is of the kind %s %s', (status, fields, kind) => {
    expect(decode(status, { error: { message: 'm', ...fields } })).toMatchObject({ status, kind, message: 'm' })
  })

  it.each<[string, unknown, string]>([
    ['a text in place of the object', { error: 'model is loading' }, 'model is loading'],
    ['a list', [{ error: { message: 'Bad', code: 400, status: 'INVALID_ARGUMENT' } }], 'Bad'],
    ['a bare object', { object: 'error', message: 'Bad', type: 'BadRequestError', code: 40001 }, 'Bad'],
    ['details of a validator', { detail: [{ loc: ['body'], msg: 'field required' }] }, '[{"loc":["body"],"msg":"field required"}]'],
    ['a message that is an object', { error: { message: { text: 'Bad' } } }, '{"text":"Bad"}'],
    ['an object without a message', { error: { reason: 'x' } }, '{"reason":"x"}'],
    ['a number', 7, '7'],
    ['plain text', 'upstream connect error', 'upstream connect error'],
    ['a web page', '<!DOCTYPE html><html><head><title>502 Bad Gateway</title>', 'The provider answered with status 502 and a web page: 502 Bad Gateway'],
    ['a web page without a title', '<html><body>x', 'The provider answered with status 502 and a web page.'],
    ['nothing', '', 'The provider answered with status 502 and no body.'],
  ])('may be %s', (_, body, message) => {
    expect(decode(502, body)).toMatchObject({ status: 502, kind: 'upstream', message })
  })

  it('is clipped when it is very long', () => {
    expect(decode(500, 'x'.repeat(100_000)).message.length).toBeLessThan(5_000)
  })

  it('says how long to wait, as seconds, milliseconds or a date', () => {
    const inTenSeconds = new Date(Date.now() + 10_000).toUTCString()
    expect(decode(429, '', { 'retry-after': '2' }).retryAfter).toBe(2)
    expect(decode(429, '', { 'retry-after': '1.2' }).retryAfter).toBe(2)
    expect(decode(429, '', { 'retry-after-ms': '1500', 'retry-after': '9' }).retryAfter).toBe(2)
    expect(decode(429, '', { 'retry-after': [inTenSeconds] }).retryAfter).toBeGreaterThanOrEqual(9)
    expect(decode(429, '', { 'retry-after': [inTenSeconds] }).retryAfter).toBeLessThanOrEqual(10)
    expect(decode(429, '', { 'retry-after': new Date(0).toUTCString() }).retryAfter).toBe(0)
    for (const headers of [{}, { 'retry-after': 'soon' }]) expect(decode(429, '', headers)).not.toHaveProperty('retryAfter')
  })
})

describe('an error for the caller', () => {
  it.each<[WireError['kind'], string, string | null]>([
    ['invalid-request', 'invalid_request_error', null],
    ['authentication', 'authentication_error', null],
    ['billing', 'insufficient_quota', 'insufficient_quota'],
    ['permission', 'permission_error', null],
    ['not-found', 'not_found_error', null],
    ['conflict', 'invalid_request_error', null],
    ['too-large', 'invalid_request_error', null],
    ['unsupported-media', 'invalid_request_error', null],
    ['rate-limit', 'rate_limit_error', null],
    ['overloaded', 'server_error', null],
    ['timeout', 'server_error', null],
    ['upstream', 'server_error', null],
    ['internal', 'server_error', null],
  ])('of the kind %s has the type %s', (kind, type, code) => {
    expect(protocol.encodeError({ status: 400, kind, message: 'm' }, 'request-1')).toEqual({ error: { message: 'm', type, param: null, code } })
  })

  it('keeps code and param, and a type that a vendor of this protocol said', () => {
    const error: WireError = { status: 400, kind: 'invalid-request', message: 'm', code: 'c', param: 'messages[0]', vendorType: 'BadRequestError' }
    expect(protocol.encodeError(error, 'request-1')).toEqual({ error: { message: 'm', type: 'BadRequestError', param: 'messages[0]', code: 'c' } })
  })

  it.each(['overloaded_error', 'api_error', 'billing_error', 'request_too_large', 'INVALID_ARGUMENT', 'UNAVAILABLE'])(
    'does not pass on %s, which is another protocol’s word',
    (vendorType) => {
      expect(protocol.encodeError({ status: 500, kind: 'internal', message: 'm', vendorType }, 'request-1')).toMatchObject({ error: { type: 'server_error' } })
    },
  )

  it('in a stream is one event', () => {
    expect(protocol.encodeStreamError({ status: 500, kind: 'internal', message: 'a\nb' }, 'request-1')).toBe(
      'data: {"error":{"message":"a\\nb","type":"server_error","param":null,"code":null}}\n\n',
    )
  })
})
