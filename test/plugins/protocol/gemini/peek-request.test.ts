import { describe, expect, it } from 'vitest'
import { patchRequest, peekRequest } from '../../../../plugins/protocol/gemini/request/peek-request.ts'
import { tokenCount } from '../../../../plugins/protocol/gemini/request/token-count.ts'
import { call } from './request-subject.ts'

const body = '{"contents": [ {"parts":[{"text":"x"}]} ]}'

describe('what routing reads', () => {
  it.each([
    ['gemini-test:generateContent', 'gemini-test', false],
    ['gemini-test:streamGenerateContent', 'gemini-test', true],
    ['models/gemini-test:generateContent', 'gemini-test', false],
    ['google/gemini-test:generateContent', 'google/gemini-test', false],
    ['openrouter/meta/llama:free:streamGenerateContent', 'openrouter/meta/llama:free', true],
    ['gemini-test:countTokens', 'gemini-test', false],
  ])('stands in the path: %s', (path, model, stream) => {
    expect(peekRequest(call(body, path))).toMatchObject({ model, stream })
  })

  it.each([
    [':generateContent', body, 'TKL_REQUEST_INVALID'],
    ['', body, 'TKL_REQUEST_INVALID'],
    ['m:generateContent', '[]', 'TKL_REQUEST_JSON'],
    ['m:generateContent', '{"contents": [}', 'TKL_REQUEST_JSON'],
    ['m:generateContent', '', 'TKL_REQUEST_JSON'],
    ['m:countTokens', '{"generateContentRequest": {}, "generateContentRequest": {}}', 'TKL_REQUEST_DUPLICATE_MEMBER'],
  ])('is refused: %s %s', (path, text, code) => {
    expect(() => peekRequest(call(text, path))).toThrowError(expect.objectContaining({ code }))
  })
})

describe('patching', () => {
  const patched = (text: string, path: string, model: string) => {
    const { body: once, usageAdded } = patchRequest(Buffer.from(text), peekRequest(call(text, path)), { model, requestUsage: true })
    const again = patchRequest(once, peekRequest(call(once, path)), { model, requestUsage: true })
    expect(again.body).toBe(once)
    expect(usageAdded).toBe(false)
    return once.toString('utf8')
  }

  it('leaves the body as it is, because the model is in the path', () => {
    const bytes = Buffer.from(body)
    expect(patchRequest(bytes, peekRequest(call(bytes, 'fast:generateContent')), { model: 'gemini-test', requestUsage: true }).body).toBe(bytes)
  })

  it.each([
    ['{"model": "models/fast",  "contents": []}', '{"model": "models/gemini-test",  "contents": []}'],
    ['{"generateContentRequest": {"model":"models/fast", "contents": [ ]} }', '{"generateContentRequest": {"model":"models/gemini-test", "contents": [ ]} }'],
    ['{"generate_content_request":{"model":"fast"}}', '{"generate_content_request":{"model":"models/gemini-test"}}'],
    ['{"generateContentRequest": null, "requests": {}, "model": null}', '{"generateContentRequest": null, "requests": {}, "model": null}'],
    ['{"requests": [{"model":"models/fast","content":{}}, {}, 1]}', '{"requests": [{"model":"models/gemini-test","content":{}},{},1]}'],
    ['{"requests": [ {"model":"models/gemini-test"} ]}', '{"requests": [ {"model":"models/gemini-test"} ]}'],
  ])('changes the model where a body repeats it: %s', (text, expected) => {
    expect(patched(text, 'fast:countTokens', 'gemini-test')).toBe(expected)
  })

  it('changes nothing where the route keeps the name', () => {
    const text = '{"model": "models/other"}'
    expect(patched(text, 'gemini-test:countTokens', 'gemini-test')).toBe(text)
  })
})

describe('counting tokens', () => {
  it('asks for the whole request, which repeats the model', () => {
    expect(tokenCount.request({ contents: [] }, 'gemini-test')).toEqual({ generateContentRequest: { model: 'models/gemini-test', contents: [] } })
    expect(tokenCount.request({ contents: [] }, 'tunedModels/a')).toEqual({ generateContentRequest: { model: 'tunedModels/a', contents: [] } })
  })

  it('reads and writes the total', () => {
    expect(tokenCount.read({ totalTokens: 7, promptTokensDetails: [] })).toBe(7)
    expect([null, [], {}, { totalTokens: '7' }].map((each) => tokenCount.read(each as never))).toEqual([undefined, undefined, undefined, undefined])
    expect(tokenCount.write(7)).toEqual({ totalTokens: 7 })
  })
})
