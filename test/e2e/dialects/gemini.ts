import { ApiError } from '@google/genai'
import { ApiError as OlderApiError } from 'google-genai-v1'
import { checkGeminiStream } from '../../support/check-gemini-stream.ts'
import { refuseGeminiRequest } from '../../support/gemini-request-rules.ts'
import { type Fields, isObject } from '../../support/json-fields.ts'
import type { Dialect } from './dialect.ts'

/** The model and the form of the answer stand in the address: ai.google.dev/api/generate-content. */
export const geminiDialect: Dialect = {
  protocol: 'gemini',
  endpoint: (model, stream) => `/v1beta/models/${encodeURIComponent(model)}:${stream ? 'streamGenerateContent?alt=sse' : 'generateContent'}`,
  login: { 'x-goog-api-key': 'sk-caller' },
  body: ({ model: _, stream: __, ...body }) => body,
  sent(request) {
    const [, model = '', method] = /\/models\/([^/:?]+):(\w+)/.exec(request.path) ?? []
    return { ...(request.json() as Fields), model: decodeURIComponent(model), stream: method === 'streamGenerateContent' }
  },
  refuse: (body) => refuseGeminiRequest(body),
  asksUsage: {},
  oddBody: () =>
    `\n{ "contents" :[ {"role":"user" , "parts": [ {"text":"Gr\\u00fc\\u00dfe \\/ \u{1f44b} {\\"model\\":\\"x\\"}"} ] } ],\t"generationConfig" : {"maxOutputTokens" : 1e2, "temperature": 1.0},\r\n "labels":{"user_id" : "1"} }  `,
  vendorError: (status, type, message) => ({ error: { code: status, message, status: type.toUpperCase() } }),
  envelopeFaults(value) {
    const { code, message, status } = errorOf(value)
    const faults = typeof message === 'string' && message !== '' ? [] : ['no error with a message']
    if (!Number.isInteger(code)) faults.push('no whole number in error.code')
    if (typeof status !== 'string' || !/^[A-Z_]+$/.test(status)) faults.push(`the error.status ${JSON.stringify(status)}`)
    return faults
  },
  errorTypes: { invalid: 'INVALID_ARGUMENT', notFound: 'NOT_FOUND', unauthorized: 'UNAUTHENTICATED' },
  errorType: (value) => errorOf(value).status,
  isToldError: (thrown) => thrown instanceof ApiError || thrown instanceof OlderApiError,
  violations(bytes, { usage = true, untouched = false, ...expected } = {}) {
    const mayLack = untouched ? (['modelVersion', 'responseId', 'usageMetadata'] as const) : usage ? [] : (['usageMetadata'] as const)
    return checkGeminiStream(bytes, { mayLack, ...expected })
  },
  passedOn: /without a name/,
  terminal: /"finishReason"/,
  finishing: /"finishReason"/,
  whole: /"finishReason"/,
  terminalHoldsText: true,
  ping: /^data: \{"usageMetadata":\{\}/m,
  finishWord: 'STOP',
  replyId: 'response-text',
}

function errorOf(value: unknown): Fields {
  return isObject(value) && isObject(value.error) ? value.error : {}
}
