import { type Conversation, type JsonObject, LossSink } from 'tokligence'
import { describe, expect, it } from 'vitest'
import { encodeRequest } from '../../../../plugins/protocol/openai-responses/request/encode-request.ts'
import { freeformRequest, liteRequest, plainRequest } from './codex-requests.ts'
import { decodeRequest, linesOf } from './request-subject.ts'

/** A body as it goes on after a hook rewrote its conversation. */
function rewritten(body: object, rewrite: (conversation: Conversation) => Partial<Conversation>) {
  const losses = new LossSink()
  const conversation = decodeRequest(body)
  const again = encodeRequest({ ...conversation, ...rewrite(conversation) }, { losses, facts: {} })
  return { body: again, lost: linesOf(losses.losses) }
}

describe('a request that a hook rewrote', () => {
  it('keeps what the hook left alone', () => {
    const { body, lost } = rewritten(freeformRequest, ({ turns }) => ({
      turns: [...turns, { role: 'user', form: 'text', blocks: [{ type: 'text', text: 'More.' }] }],
    }))
    expect(body).toEqual({ ...freeformRequest, input: [...(freeformRequest.input as readonly JsonObject[]), { role: 'user', content: 'More.' }] })
    expect(lost).toEqual([])
  })

  it('has no ids of items whose thoughts were taken out, which the vendor would miss, and keeps those of turns that have theirs', () => {
    const thought = { type: 'reasoning', id: 'rs_1', summary: [], encrypted_content: 'opaque' }
    const call = { type: 'function_call', id: 'fc_1', call_id: 'c1', name: 'look', arguments: '{}' }
    const said = { type: 'message', id: 'msg_1', role: 'assistant', status: 'completed', content: [{ type: 'output_text', text: 'Hm.', annotations: [] }] }
    const search = { type: 'web_search_call', id: 'ws_1', status: 'completed', action: { type: 'search', query: 'q' } }
    const turn = [thought, said, search, call, { type: 'function_call_output', call_id: 'c1', output: 'Seen.' }]
    const first = ({ turns: [bereft, ...others] }: Conversation) => [
      ...(bereft ? [{ ...bereft, blocks: bereft.blocks.filter(({ type }) => type !== 'reasoning') }] : []),
      ...others,
    ]
    const { body } = rewritten({ model: 'm', input: [...turn, ...turn] }, (conversation) => ({ turns: first(conversation), lacksThoughts: true }))
    const { id: _, ...message } = said
    const { id: __, ...bare } = call
    expect(body.input).toEqual([message, search, bare, turn[4], ...turn])
  })

  it('becomes a list when a text gets company', () => {
    const { body } = rewritten({ model: 'm', input: 'Hello' }, ({ turns }) => ({
      turns: [{ role: 'developer', form: 'text', blocks: [{ type: 'text', text: 'Be brief.' }] }, ...turns],
    }))
    expect(body.input).toEqual([
      { role: 'developer', content: 'Be brief.' },
      { role: 'user', content: 'Hello' },
    ])
  })

  it('loses a tool without its group, and gains tools', () => {
    const { body } = rewritten(liteRequest, ({ tools }) => ({
      tools: [...tools.slice(1), { type: 'function', name: 'own', namespace: 'mine', parameters: { type: 'object', properties: {} } }],
    }))
    const [added] = body.input as readonly JsonObject[]
    expect(added?.tools).toMatchObject([
      { type: 'namespace', name: 'functions', description: 'Tools of the agent.', tools: [{ name: 'wait' }] },
      { type: 'namespace', name: 'collaboration' },
    ])
    expect(body.tools).toMatchObject([{ type: 'namespace', name: 'mine', tools: [{ type: 'function', name: 'own' }] }])
  })

  it('says what is wanted now, not what was', () => {
    const asked = {
      model: 'm',
      input: 'x',
      reasoning: { effort: 'low', context: 'auto' },
      text: { format: { type: 'text', extra: 1 } },
      tool_choice: { type: 'custom', name: 'f' },
    }
    const { body } = rewritten(asked, () => ({
      stream: true,
      instructions: [
        { type: 'text', text: 'One.' },
        { type: 'text', text: 'Two.' },
      ],
      reasoning: { mode: 'off' },
      output: { type: 'json' },
      toolChoice: { type: 'none' },
      logprobs: 2,
    }))
    expect(body).toEqual({
      model: 'm',
      input: 'x',
      stream: true,
      instructions: 'One.\n\nTwo.',
      reasoning: { effort: 'none', context: 'auto' },
      text: { format: { type: 'json_object' } },
      tool_choice: 'none',
      include: ['message.output_text.logprobs'],
      top_logprobs: 2,
    })
  })

  it('names what a hook put in that there are no words for', () => {
    const foreign = { type: 'foreign', protocol: 'other', kind: 'x', value: {} } as const
    const { lost } = rewritten(plainRequest, ({ turns }) => ({
      tools: [foreign],
      toolChoice: foreign,
      output: foreign,
      reasoning: { mode: 'budget', budgetTokens: 5 },
      sampling: { topK: 1, seed: 2 },
      stop: ['END'],
      turns: [...turns, { role: 'user', form: 'blocks', blocks: [foreign] }],
    }))
    expect(lost).toEqual([
      'seed seed dropped hint',
      'stop stop-sequences dropped semantic',
      'tools[0] hosted-tool dropped semantic',
      'tool_choice tool-choice dropped semantic',
      'text.format output-format dropped semantic',
      'reasoning thinking-budget dropped semantic',
      'top_k top-k dropped semantic',
      'input[4].content[0] x dropped semantic',
    ])
  })
})
