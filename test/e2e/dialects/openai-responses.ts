import { APIError } from 'openai'
import { checkOpenaiResponsesStream } from '../../support/check-openai-responses-stream.ts'
import type { Fields } from '../../support/json-fields.ts'
import { refuseResponsesRequest } from '../../support/openai-responses-request-rules.ts'
import type { Dialect } from './dialect.ts'
import { openaiEnvelope } from './openai-envelope.ts'

export const openaiResponsesDialect: Dialect = {
  ...openaiEnvelope,
  protocol: 'openai-responses',
  endpoint: () => '/v1/responses',
  body: (request) => request,
  sent: (request) => request.json() as Fields,
  refuse: refuseResponsesRequest,
  asksUsage: {},
  oddBody: (model, stream) =>
    `\n{ "input" :[ {"role":"user" , "content":"Gr\\u00fc\\u00dfe \\/ \u{1f44b} {\\"model\\":\\"x\\"}"} ],\t"max_output_tokens" : 1e2, "temperature": 1.0,\r\n "model" : "${model}", "metadata":{"user_id" : "1"}, "stream":${stream} }  `,
  // For a response that failed, and for an event of the form of the reference, the client throws nothing: the reading does.
  isToldError: (thrown) => thrown instanceof APIError || (thrown instanceof Error && thrown.constructor === Error),
  violations: (bytes, { usage: _, untouched: __, ...expected } = {}) => checkOpenaiResponsesStream(bytes, expected),
  passedOn: /without a name/,
  terminal: /^event: response\.completed$/m,
  finishing: /event: response\.(completed|incomplete|failed)/,
  whole: /event: response\.(completed|incomplete|failed)/,
  terminalHoldsText: false,
  ping: /^:/m,
  finishWord: 'completed',
  replyId: 'resp_text',
}
