import { type ErrorKind, type Json, type JsonObject, parseEvents, type WireError } from 'tokligence'
import { describe, expect, it } from 'vitest'
import { decodeError, decodeErrorValue } from '../../../../plugins/protocol/gemini/failure/decode-error.ts'
import { encodeError, encodeStreamError } from '../../../../plugins/protocol/gemini/failure/encode-error.ts'
import { decodeReply } from '../../../../plugins/protocol/gemini/reply/decode-reply.ts'
import { summarize } from '../../../../plugins/protocol/gemini/reply/summarize.ts'

const read = (status: number, body: unknown, headers = {}) => decodeError(status, Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)), headers)
const vendorError = (code: number, status: string, details?: Json): JsonObject => ({
  error: { code, message: 'No.', status, ...(details !== undefined && { details }) },
})
const retryInfo = { '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: '47.2s' }
const wrongKey = { '@type': 'type.googleapis.com/google.rpc.ErrorInfo', reason: 'API_KEY_INVALID', domain: 'googleapis.com' }

describe('an error of the vendor', () => {
  it.each<readonly [number, string, ErrorKind]>([
    [400, 'INVALID_ARGUMENT', 'invalid-request'],
    [400, 'FAILED_PRECONDITION', 'invalid-request'],
    [401, 'UNAUTHENTICATED', 'authentication'],
    [403, 'PERMISSION_DENIED', 'permission'],
    [404, 'NOT_FOUND', 'not-found'],
    [409, 'ABORTED', 'conflict'],
    [413, 'INVALID_ARGUMENT', 'too-large'],
    [429, 'RESOURCE_EXHAUSTED', 'rate-limit'],
    [500, 'INTERNAL', 'internal'],
    [503, 'UNAVAILABLE', 'overloaded'],
    [504, 'DEADLINE_EXCEEDED', 'timeout'],
  ])('with %i %s is of the kind %s, alone and in a list', (status, word, kind) => {
    const expected = { status, kind, message: 'No.', vendorType: word }
    expect(read(status, vendorError(status, word))).toEqual(expected)
    expect(read(status, [vendorError(status, word)])).toEqual(expected)
  })

  it('says in its details how long to wait, when no header does', () => {
    expect(read(429, vendorError(429, 'RESOURCE_EXHAUSTED', [retryInfo])).retryAfter).toBe(48)
    expect(read(429, vendorError(429, 'RESOURCE_EXHAUSTED', [retryInfo]), { 'retry-after': '7' }).retryAfter).toBe(7)
  })

  it('tells a wrong key from a wrong request', () => {
    expect(read(400, vendorError(400, 'INVALID_ARGUMENT', [wrongKey]))).toMatchObject({ status: 400, kind: 'authentication', code: 'API_KEY_INVALID' })
  })

  it('is read from anything', () => {
    expect(read(502, '<html><title>Bad Gateway</title></html>').message).toContain('Bad Gateway')
    expect(read(500, '')).toMatchObject({ status: 500, kind: 'internal' })
    for (const body of ['null', '[]', '[7]', '{"error":"text"}', '{"error":{"message":7}}', 'plain text', '{"error":{"details":[null,{"@type":7}]}}'])
      expect(read(400, body)).toMatchObject({ status: 400, message: expect.stringMatching(/./) })
  })

  it('has the status that it names, when it comes in a stream or under status 200', () => {
    expect(decodeErrorValue({ code: 429, message: 'No.', status: 'RESOURCE_EXHAUSTED' })).toMatchObject({ status: 429, kind: 'rate-limit' })
    expect(decodeErrorValue({ message: 'No.', status: 'UNAVAILABLE' })).toMatchObject({ status: 503, kind: 'overloaded' })
    expect(decodeErrorValue({ message: 'No.' })).toMatchObject({ status: 502, kind: 'upstream' })
    expect(() => decodeReply(vendorError(429, 'RESOURCE_EXHAUSTED'))).toThrow('No.')
    expect(summarize([vendorError(429, 'RESOURCE_EXHAUSTED')])).toMatchObject({ complete: false, error: { status: 429 } })
  })

  it('goes to a caller of this protocol as it was', () => {
    const sent = vendorError(429, 'RESOURCE_EXHAUSTED', [retryInfo, { '@type': 'other', links: [] }])
    expect(encodeError(read(429, sent))).toEqual(sent)
  })
})

describe('an error for a caller of this protocol', () => {
  const error: WireError = {
    status: 529,
    kind: 'overloaded',
    message: 'Busy.',
    code: 'busy',
    vendorType: 'overloaded_error',
    param: 'contents[0]',
    retryAfter: 3,
  }

  it('has the vendor’s envelope and words', () => {
    expect(encodeError(error)).toEqual({
      error: {
        code: 529,
        message: 'Busy.',
        status: 'UNAVAILABLE',
        details: [
          { '@type': 'type.googleapis.com/google.rpc.ErrorInfo', reason: 'busy', domain: 'tokligence' },
          { '@type': 'type.googleapis.com/google.rpc.BadRequest', fieldViolations: [{ field: 'contents[0]', description: 'Busy.' }] },
          { '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: '3s' },
        ],
      },
    })
  })

  it('is read back as it was said', () => {
    expect(read(529, encodeError(error))).toMatchObject({
      status: 529,
      kind: 'overloaded',
      message: 'Busy.',
      code: 'busy',
      param: 'contents[0]',
      retryAfter: 3,
    })
  })

  it('is one event in a stream', () => {
    expect(parseEvents(encodeStreamError(error)).map(({ data }) => JSON.parse(data))).toEqual([encodeError(error)])
  })
})
