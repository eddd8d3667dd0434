import { checkOpenaiChatStream } from '../../support/check-openai-chat-stream.ts'
import type { Fields } from '../../support/json-fields.ts'
import { refuseChatRequest } from '../../support/openai-chat-request-rules.ts'
import type { Dialect } from './dialect.ts'
import { openaiEnvelope } from './openai-envelope.ts'

export const openaiChatDialect: Dialect = {
  ...openaiEnvelope,
  protocol: 'openai-chat',
  endpoint: () => '/v1/chat/completions',
  body: (request) => request,
  sent: (request) => request.json() as Fields,
  refuse: refuseChatRequest,
  asksUsage: { stream_options: { include_usage: true } },
  oddBody: (model, stream) =>
    `\n{ "messages" :[ {"role":"user" , "content":"Gr\\u00fc\\u00dfe \\/ \u{1f44b} {\\"model\\":\\"x\\"}"} ],\t"max_completion_tokens" : 1e2, "temperature": 1.0,\r\n "model" : "${model}", "metadata":{"user_id" : "1"}, "stream":${stream}${stream ? ', "stream_options": { "include_usage" : true }' : ''} }  `,
  violations: (bytes, { usage = true, untouched: _, ...expected } = {}) => checkOpenaiChatStream(bytes, { includeUsage: usage, ...expected }),
  passedOn: /without a name|one is written after the other|has no usage/,
  terminal: /^data: \[DONE\]/m,
  finishing: /"finish_reason":\s*"/,
  whole: /"finish_reason":\s*"/,
  terminalHoldsText: false,
  ping: /^:/m,
  finishWord: 'stop',
  replyId: 'chatcmpl-text',
}
