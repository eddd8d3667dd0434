import { GatewayError, type IncomingCall } from 'tokligence'
import { describe, expect, it } from 'vitest'
import { protocol } from './subject.ts'

function callOf(text: string): IncomingCall {
  return { operation: 'generate', body: Buffer.from(text), params: {}, query: new URLSearchParams('beta=true'), headers: {} }
}

function thrownBy(run: () => unknown): GatewayError {
  try {
    run()
  } catch (error) {
    if (GatewayError.is(error)) return error
    throw error
  }
  throw new Error('Nothing was thrown.')
}

describe('routes', () => {
  it('answers generation and token counts on both prefixes', () => {
    expect(protocol.routes.map(({ method, path, operation }) => `${method} ${path} ${operation}`)).toEqual([
      'POST /v1/messages generate',
      'POST /v1/messages/count_tokens count-tokens',
      'POST /anthropic/v1/messages generate',
      'POST /anthropic/v1/messages/count_tokens count-tokens',
    ])
  })

  it('answers a token count in the vendor’s shape', () => {
    expect(protocol.tokenCount?.write(42)).toEqual({ input_tokens: 42 })
  })
})

describe('peek', () => {
  it('reads model and stream without decoding the rest', () => {
    expect(protocol.peek(callOf('{"messages":[{"model":"no"}],"stream":true,"model":"claude-x"}'))).toMatchObject({ model: 'claude-x', stream: true })
    expect(protocol.peek(callOf('{"model":"claude-x"}')).stream).toBe(false)
  })

  it.each(['{}', '{"model":""}', '{"model":7}', '{"model":null}', '{"model":{}}'])('refuses %s for its model', (text) => {
    const { code, status, options } = thrownBy(() => protocol.peek(callOf(text)))
    expect({ code, status, param: options.param }).toEqual({ code: 'TKL_REQUEST_INVALID', status: 400, param: 'model' })
  })

  it.each(['{"model":"m","stream":"true"}', '{"model":"m","stream":null}', '{"model":"m","stream":1}'])('refuses %s for its stream', (text) => {
    expect(thrownBy(() => protocol.peek(callOf(text))).options.param).toBe('stream')
  })

  it('refuses a second model, which another reader could prefer', () => {
    expect(thrownBy(() => protocol.peek(callOf('{"model":"a","model":"b"}'))).code).toBe('TKL_REQUEST_DUPLICATE_MEMBER')
  })
})

describe('patchRequest', () => {
  const text = '{ "messages" : [ ] ,\n"model":"fast", "stream" : true, "x": 1.0e1 }'

  it('changes the bytes of the model and no others', () => {
    const call = callOf(text)
    const patched = protocol.patchRequest(call.body, protocol.peek(call), { model: 'claude-x', requestUsage: true })
    expect(patched.body.toString()).toBe(text.replace('"fast"', '"claude-x"'))
    expect(patched.usageAdded).toBe(false)
  })

  it('answers with the same buffer when nothing differs, also for its own answer', () => {
    const call = callOf(text)
    expect(protocol.patchRequest(call.body, protocol.peek(call), { model: 'fast', requestUsage: true }).body).toBe(call.body)
    const { body } = protocol.patchRequest(call.body, protocol.peek(call), { model: 'claude-x', requestUsage: false })
    expect(protocol.patchRequest(body, protocol.peek({ ...call, body }), { model: 'claude-x', requestUsage: false }).body).toBe(body)
  })
})
