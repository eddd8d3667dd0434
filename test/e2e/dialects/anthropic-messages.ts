import { APIError } from '@anthropic-ai/sdk'
import { refuseMessagesRequest } from '../../support/anthropic-messages-request-rules.ts'
import { checkAnthropicMessagesStream } from '../../support/check-anthropic-messages-stream.ts'
import { type Fields, isObject } from '../../support/json-fields.ts'
import type { Dialect } from './dialect.ts'

export const anthropicMessagesDialect: Dialect = {
  protocol: 'anthropic-messages',
  endpoint: () => '/v1/messages',
  login: { 'x-api-key': 'sk-caller', 'anthropic-version': '2023-06-01' },
  body: (request) => request,
  sent: (request) => request.json() as Fields,
  refuse: refuseMessagesRequest,
  asksUsage: {},
  oddBody: (model, stream) =>
    `\n{ "messages" :[ {"role":"user" , "content":"Gr\\u00fc\\u00dfe \\/ \u{1f44b} {\\"model\\":\\"x\\"}"} ],\t"max_tokens" : 1e2, "temperature": 1.0,\r\n "model" : "${model}", "metadata":{"user_id" : "1"}, "stream":${stream} }  `,
  vendorError: (_status, type, message) => ({ type: 'error', error: { type, message }, request_id: 'req_vendor_9' }),
  envelopeFaults(value) {
    const { type, message } = errorOf(value)
    const faults = typeof message === 'string' && message !== '' && typeof type === 'string' ? [] : ['no error with message and type']
    return isObject(value) && value.type === 'error' ? faults : [...faults, 'the type is not error']
  },
  errorTypes: { invalid: 'invalid_request_error', notFound: 'not_found_error', unauthorized: 'authentication_error' },
  errorType: (value) => errorOf(value).type,
  isToldError: (thrown) => thrown instanceof APIError,
  violations: (bytes, { usage: _, untouched: __, ...expected } = {}) => checkAnthropicMessagesStream(bytes, expected),
  passedOn: /input is no JSON object|without a name/,
  terminal: /^event: message_stop$/m,
  finishing: /event: message_delta/,
  whole: /event: message_stop/,
  terminalHoldsText: false,
  ping: /^event: ping$/m,
  finishWord: 'end_turn',
  replyId: 'msg_text',
}

function errorOf(value: unknown): Fields {
  return isObject(value) && isObject(value.error) ? value.error : {}
}
