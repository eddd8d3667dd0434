/** A provider that costs as little as possible: one answer for unary requests, 50 events for streams, in both protocols. */
import { createServer } from 'node:http'

const text = 'The quick brown fox jumps over the lazy dog. '.repeat(8)
const unary = {
  chat: JSON.stringify({
    id: 'chatcmpl-1',
    object: 'chat.completion',
    created: 1,
    model: 'm',
    choices: [{ index: 0, message: { role: 'assistant', content: text, refusal: null }, logprobs: null, finish_reason: 'stop' }],
    usage: { prompt_tokens: 210, completion_tokens: 90, total_tokens: 300 },
  }),
  messages: JSON.stringify({
    id: 'msg_1',
    type: 'message',
    role: 'assistant',
    model: 'm',
    content: [{ type: 'text', text }],
    stop_reason: 'end_turn',
    stop_sequence: null,
    usage: { input_tokens: 210, output_tokens: 90 },
  }),
}

const words = Array.from({ length: 50 }, (_, index) => `word${index} `)
const chatChunk = (delta, finish, extra = {}) =>
  `data: ${JSON.stringify({ id: 'chatcmpl-1', object: 'chat.completion.chunk', created: 1, model: 'm', choices: [{ index: 0, delta, finish_reason: finish }], ...extra })}\n\n`
const event = (data) => `event: ${data.type}\ndata: ${JSON.stringify(data)}\n\n`
const stream = {
  chat: [
    chatChunk({ role: 'assistant', content: '' }, null),
    ...words.map((content) => chatChunk({ content }, null)),
    chatChunk({}, 'stop'),
    `data: ${JSON.stringify({ id: 'chatcmpl-1', object: 'chat.completion.chunk', created: 1, model: 'm', choices: [], usage: { prompt_tokens: 210, completion_tokens: 50, total_tokens: 260 } })}\n\n`,
    'data: [DONE]\n\n',
  ],
  messages: [
    event({
      type: 'message_start',
      message: {
        id: 'msg_1',
        type: 'message',
        role: 'assistant',
        model: 'm',
        content: [],
        stop_reason: null,
        stop_sequence: null,
        usage: { input_tokens: 210, output_tokens: 1 },
      },
    }),
    event({ type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } }),
    ...words.map((word) => event({ type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: word } })),
    event({ type: 'content_block_stop', index: 0 }),
    event({ type: 'message_delta', delta: { stop_reason: 'end_turn', stop_sequence: null }, usage: { output_tokens: 50 } }),
    event({ type: 'message_stop' }),
  ],
}

const server = createServer((request, response) => {
  let streams = false
  request.on('data', (piece) => {
    streams ||= piece.includes('"stream":true')
  })
  request.on('end', () => {
    const protocol = request.url?.includes('messages') ? 'messages' : 'chat'
    if (!streams)
      return response.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(unary[protocol]) }).end(unary[protocol])
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    let next = 0
    const send = () => {
      // Five events in a piece: what a busy provider's socket gives.
      response.write(stream[protocol].slice(next, next + 5).join(''))
      next += 5
      if (next < stream[protocol].length) setImmediate(send)
      else response.end()
    }
    send()
  })
})
server.keepAliveTimeout = 60_000
server.listen(0, '127.0.0.1', () => process.send?.({ port: server.address().port }))
