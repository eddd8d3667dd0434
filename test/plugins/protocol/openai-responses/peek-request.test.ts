import { describe, expect, it } from 'vitest'
import { patchRequest, peekRequest } from '../../../../plugins/protocol/openai-responses/request/peek-request.ts'
import { tokenCount } from '../../../../plugins/protocol/openai-responses/request/token-count.ts'

function call(body: string) {
  return { operation: 'generate', body: Buffer.from(body), params: {}, query: new URLSearchParams(), headers: {} } as const
}

describe('peekRequest', () => {
  it('reads model and stream, whatever else there is', () => {
    expect(peekRequest(call('{"input":[{"model":"x"}],"model":"gpt-5","stream":true,"background":false}'))).toMatchObject({ model: 'gpt-5', stream: true })
    expect(peekRequest(call('{"model":"gpt-5","stream":null}'))).toMatchObject({ stream: false })
  })

  it.each([
    ['model', 'TKL_REQUEST_INVALID', '{"input":"x"}'],
    ['model', 'TKL_REQUEST_INVALID', '{"model":"","input":"x"}'],
    ['stream', 'TKL_REQUEST_INVALID', '{"model":"m","stream":"yes"}'],
    ['background', 'TKL_REQUEST_INVALID', '{"model":"m","background":true}'],
    ['model', 'TKL_REQUEST_DUPLICATE_MEMBER', '{"model":"a","model":"b"}'],
    ['background', 'TKL_REQUEST_DUPLICATE_MEMBER', '{"model":"a","background":false,"background":true}'],
    ['model', 'TKL_REQUEST_DUPLICATE_MEMBER', '{"m\\u006fdel":"a"}'],
    [undefined, 'TKL_REQUEST_JSON', '{"model":"a"'],
  ])('refuses what is wrong with %s: %s', (param, code, body) => {
    const options = param === undefined ? expect.anything() : expect.objectContaining({ param })
    expect(() => peekRequest(call(body))).toThrowError(expect.objectContaining({ code, status: 400, options }))
  })
})

describe('patchRequest', () => {
  it('sets the model’s name and leaves every other byte as it was', () => {
    const body = Buffer.from('{ "input" : "é",\n "model": "fast" }')
    const patched = patchRequest(body, peekRequest({ ...call(''), body }), { model: 'gpt-5', requestUsage: true })
    expect(patched.body.toString()).toBe('{ "input" : "é",\n "model": "gpt-5" }')
    expect(patched.usageAdded).toBe(false)
    expect(patchRequest(body, peekRequest({ ...call(''), body }), { model: 'fast', requestUsage: true }).body).toBe(body)
  })
})

describe('tokenCount', () => {
  it('asks with what the endpoint takes', () => {
    const body = { model: 'a', input: 'x', tools: [], store: false, stream: true, include: [], text: {}, max_output_tokens: 16, prompt_cache_key: 'k' }
    expect(tokenCount.request(body, 'b')).toEqual({ model: 'b', input: 'x', tools: [], text: {} })
  })

  it('reads a figure, and tells one', () => {
    expect(tokenCount.read({ object: 'response.input_tokens', input_tokens: 7 })).toBe(7)
    expect(tokenCount.read({ error: {} })).toBeUndefined()
    expect(tokenCount.write(7)).toEqual({ object: 'response.input_tokens', input_tokens: 7 })
  })
})
