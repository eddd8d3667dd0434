import { type JsonObject, LossSink, type ModelFacts, type Protocol, viaConversation } from 'tokligence'
import { describe, expect, it } from 'vitest'
import { anthropicMessages } from '../../../../plugins/protocol/anthropic-messages/index.ts'
import { contentsProtocol } from '../../../../plugins/protocol/gemini/protocol.ts'
import { chatProtocol } from '../../../../plugins/protocol/openai-chat/protocol.ts'
import { responsesProtocol } from '../../../../plugins/protocol/openai-responses/protocol.ts'
import { refuseMessagesRequest } from '../../../support/anthropic-messages-request-rules.ts'
import { refuseGeminiRequest } from '../../../support/gemini-request-rules.ts'
import { refuseChatRequest } from '../../../support/openai-chat-request-rules.ts'
import { refuseResponsesRequest } from '../../../support/openai-responses-request-rules.ts'
import { type RecordedProtocol, recordings } from '../../../support/recordings.ts'
import { setUp } from '../../set-up.ts'
import { agentRequest } from './agent-request.ts'
import { call, secondGeneration, thirdGeneration } from './request-subject.ts'

const messagesProtocol = await setUp<Protocol>(anthropicMessages())
const callers: readonly (readonly [RecordedProtocol, Protocol])[] = [
  ['openai-chat', chatProtocol],
  ['openai-responses', responsesProtocol],
  ['anthropic-messages', messagesProtocol],
]

function translate(from: Protocol, to: Protocol, body: unknown, facts: ModelFacts) {
  const losses = new LossSink()
  const conversation = from.decodeRequest(JSON.parse(JSON.stringify(body)) as JsonObject, call(body))
  return { body: viaConversation(from, to).open().encodeRequest(conversation, { losses, facts }), losses: losses.losses }
}

describe.each(callers)('every recorded request of %s', (id, protocol) => {
  const requests = recordings(id).filter(({ request, status }) => request && status === 200)

  it.each([['gemini-2.5-test', secondGeneration] as const, ['gemini-3-test', thirdGeneration] as const, ['', {}] as const])(
    'becomes one that the vendor takes for the model "%s"',
    (model, facts) => {
      for (const { id: name, request } of requests) {
        const { body } = translate(protocol, contentsProtocol, request, facts)
        expect(refuseGeminiRequest(body, model), name).toBeUndefined()
      }
    },
  )
})

describe.each([
  ['openai-chat', chatProtocol, refuseChatRequest] as const,
  ['openai-responses', responsesProtocol, refuseResponsesRequest] as const,
  ['anthropic-messages', messagesProtocol, refuseMessagesRequest] as const,
])('a request of the vendor’s own agent', (_, protocol, refuse) => {
  it('becomes one that another vendor takes', () => {
    expect(refuse(translate(contentsProtocol, protocol, agentRequest, {}).body)).toBeUndefined()
  })

  it('is the same for recorded ones', () => {
    for (const { id, request } of recordings('gemini').filter(({ request, status }) => request && status === 200)) {
      // Some were recorded without the text that comes first.
      const asked = { ...request, contents: [{ role: 'user', parts: [{ text: 'Hi' }] }, ...((request?.contents ?? []) as object[])] }
      expect(refuse(translate(contentsProtocol, protocol, asked, { maxOutputTokens: 4096 }).body), id).toBeUndefined()
    }
  })
})

it('becomes a conversation that keeps its ids, its order and its image', () => {
  const { body } = translate(contentsProtocol, messagesProtocol, agentRequest, {})
  expect(body).toMatchObject({
    system: 'You are an interactive CLI agent.',
    messages: [
      { role: 'user' },
      {
        role: 'assistant',
        content: [
          { type: 'tool_use', id: 'run_shell_command_1764000000000_0', name: 'run_shell_command', input: { command: 'ls' } },
          { type: 'tool_use', id: 'read_file_1764000000000_1' },
        ],
      },
      { role: 'user', content: [{ type: 'tool_result' }, { type: 'tool_result' }, { type: 'image' }] },
    ],
    tools: [{ name: 'run_shell_command', input_schema: { type: 'object', required: ['command'] } }, { name: 'read_file' }],
  })
})
