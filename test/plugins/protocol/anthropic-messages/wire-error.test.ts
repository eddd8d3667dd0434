import type { ErrorKind } from 'tokligence'
import { describe, expect, it } from 'vitest'
import { protocol, written } from './subject.ts'

function decode(status: number, body: string, headers = {}) {
  return protocol.decodeError(status, Buffer.from(body), headers)
}

describe('an error of the provider', () => {
  it('keeps status, type, message and details', () => {
    const details = { error_code: 'image_dimensions_too_large', max_side_length_pixels: 8000 }
    const body = JSON.stringify({ type: 'error', error: { type: 'invalid_request_error', message: 'Too large.', details }, request_id: 'req_1' })
    expect(decode(400, body)).toEqual({
      status: 400,
      kind: 'invalid-request',
      message: 'Too large.',
      vendorType: 'invalid_request_error',
      code: 'image_dimensions_too_large',
      details,
    })
  })

  it.each<[number, string, ErrorKind]>([
    [401, 'authentication_error', 'authentication'],
    [402, 'billing_error', 'billing'],
    [403, 'permission_error', 'permission'],
    [404, 'not_found_error', 'not-found'],
    [413, 'request_too_large', 'too-large'],
    [429, 'rate_limit_error', 'rate-limit'],
    [500, 'api_error', 'internal'],
    [504, 'timeout_error', 'timeout'],
    [529, 'overloaded_error', 'overloaded'],
    [418, 'novel_error', 'invalid-request'],
  ])('with status %d and type %s is of the kind %s', (status, type, kind) => {
    const error = decode(status, JSON.stringify({ type: 'error', error: { type, message: 'm' } }))
    expect(error).toMatchObject({ status, kind, vendorType: type })
    if (type !== 'novel_error') expect(protocol.encodeError(error, 'req_1')).toEqual({ type: 'error', error: { type, message: 'm' }, request_id: 'req_1' })
  })

  it.each([
    ['', 'The provider answered with status 502 and an empty body.'],
    ['upstream connect error', 'upstream connect error'],
    [
      '<!DOCTYPE html><html><head><title>502 Bad Gateway</title></head></html>',
      'The provider answered with status 502 and a page instead of an error: 502 Bad Gateway.',
    ],
    ['{"error":"plain words"}', 'plain words'],
    ['{"error":{"message":"other envelope","type":"server_error","code":"x"}}', 'other envelope'],
    ['{"detail":"Not Found"}', 'Not Found'],
    ['[]', '[]'],
  ])('with the body %j says so in words', (body, message) => {
    expect(decode(502, body)).toMatchObject({ status: 502, kind: 'upstream', message })
  })

  it('tells how long to wait, in seconds', () => {
    expect(decode(429, '', { 'retry-after': '12' }).retryAfter).toBe(12)
    const soon = decode(429, '', { 'retry-after': new Date(Date.now() + 30_000).toUTCString() }).retryAfter ?? 0
    expect(soon).toBeGreaterThan(25)
    expect(soon).toBeLessThanOrEqual(31)
    expect(decode(429, '', { 'retry-after': 'soon' })).not.toHaveProperty('retryAfter')
  })

  it.each([
    [{ 'retry-after': '0.5' }, 1],
    [{ 'retry-after': '0' }, 0],
    [{ 'retry-after-ms': '1200' }, 2],
    [{ 'retry-after-ms': '300', 'retry-after': '20' }, 1],
    [{ 'retry-after-ms': 'soon', 'retry-after': '20' }, 20],
  ])('with the headers %j asks for whole seconds, rounded up', (headers, seconds) => {
    expect(decode(429, '', headers).retryAfter).toBe(seconds)
  })
})

describe('an error for a Messages caller', () => {
  it.each<[ErrorKind, string]>([
    ['invalid-request', 'invalid_request_error'],
    ['authentication', 'authentication_error'],
    ['billing', 'billing_error'],
    ['permission', 'permission_error'],
    ['not-found', 'not_found_error'],
    ['conflict', 'invalid_request_error'],
    ['too-large', 'request_too_large'],
    ['unsupported-media', 'invalid_request_error'],
    ['rate-limit', 'rate_limit_error'],
    ['overloaded', 'overloaded_error'],
    ['timeout', 'timeout_error'],
    ['upstream', 'api_error'],
    ['internal', 'api_error'],
  ])('of the kind %s has the type %s', (kind, type) => {
    // The other vendor's word means something else here.
    const error = { status: 400, kind, message: 'm', vendorType: kind === 'authentication' ? 'invalid_request_error' : 'server_error' }
    expect(protocol.encodeError(error, 'req_1')).toEqual({ type: 'error', error: { type, message: 'm' }, request_id: 'req_1' })
  })

  it('stands in a stream as an event of its own', () => {
    const bytes = protocol.encodeStreamError({ status: 502, kind: 'upstream', message: 'two\nlines' }, 'req_1')
    expect(bytes).toMatch(/^event: error\ndata: .*\n\n$/)
    expect(written(bytes)).toEqual([{ type: 'error', error: { type: 'api_error', message: 'two\nlines' }, request_id: 'req_1' }])
  })

  it('leaves room for keep-alives in the vendor’s form', () => {
    expect(protocol.ping).toBe('event: ping\ndata: {"type": "ping"}\n\n')
  })
})
