import { isJsonObject, type JsonObject, LossSink, type ReplyEvent, viaConversation } from 'tokligence'
import { describe, expect, it } from 'vitest'
import { chatProtocol } from '../../../../plugins/protocol/openai-chat/protocol.ts'
import { responsesProtocol } from '../../../../plugins/protocol/openai-responses/protocol.ts'
import { protocol as messagesProtocol } from '../anthropic-messages/subject.ts'
import { compactionRequest } from './codex-requests.ts'
import { linesOf } from './request-subject.ts'
import { dataOf, decodeRequest, encodeEvents, lastResponse, plain, protocol, replyOptions } from './subject.ts'

const asked = { ...compactionRequest, stream: true }

const said: readonly ReplyEvent[] = [
  { type: 'reply-start', model: 'other' },
  { type: 'block-start', index: 0, block: { type: 'reasoning', text: 'Hm.', sealed: { issuer: '', value: 'tkl1.x' } } },
  { type: 'block-end', index: 0 },
  { type: 'block-start', index: 1, block: { type: 'text', text: '' } },
  { type: 'block-delta', index: 1, delta: { type: 'text', text: 'Write ' } },
  { type: 'block-delta', index: 1, delta: { type: 'text', text: 'hello.txt 😀.' } },
  { type: 'block-end', index: 1 },
  { type: 'finish', finish: { reason: 'stop' } },
  { type: 'reply-end' },
]

function answered(): JsonObject {
  return lastResponse(encodeEvents(said, replyOptions(asked)))
}

function itemsOf({ output }: JsonObject): readonly JsonObject[] {
  return output as readonly JsonObject[]
}

function translated(body: JsonObject, to: typeof chatProtocol) {
  const losses = new LossSink()
  const encoded = viaConversation(responsesProtocol, to).open().encodeRequest(decodeRequest(body), { losses, facts: {} })
  return { body: plain(encoded) as JsonObject, lost: linesOf(losses.losses) }
}

const compaction = () => itemsOf(answered()).find(({ type }) => type === 'compaction') as JsonObject

describe('an agent that wants its history compacted by a provider that cannot', () => {
  it('has the model asked for a summary, and for no call', () => {
    const { body, lost } = translated(compactionRequest, messagesProtocol)
    const messages = body.messages as readonly JsonObject[]
    expect(JSON.stringify(messages.at(-1))).toContain('Write a summary of this conversation')
    expect(body.tool_choice).toMatchObject({ type: 'none' })
    expect(lost).toContain('input[2].content[0] compaction approximated semantic')
  })

  it('gets exactly one compaction, beside the thoughts, streamed or not', () => {
    const streamed = answered()
    expect(itemsOf(streamed).map(({ type }) => type)).toEqual(['reasoning', 'compaction'])
    expect(dataOf(encodeEvents(said, replyOptions(asked))).some(({ type }) => String(type).startsWith('response.output_text'))).toBe(false)
    const blocks = [
      { type: 'reasoning', text: 'Hm.', sealed: { issuer: '', value: 'tkl1.x' } },
      { type: 'text', text: 'Write hello.txt 😀.' },
    ] as const
    const whole = plain(protocol.encodeReply({ candidates: [{ blocks, finish: { reason: 'stop' } }] }, replyOptions(asked))) as JsonObject
    expect(whole.output).toEqual(streamed.output)
  })

  it('loses what stands on the words, and says so, streamed or not', () => {
    const annotation = { protocol: 'anthropic-messages', value: {}, citation: { url: 'https://example.org', title: 'A source' } }
    const sealed = { issuer: '', value: 'tkl1.y' }
    const ext = { 'anthropic-messages': { novel: true } }
    const tokens = [{ token: 'Write', logprob: -1 }]
    const losses = [new LossSink(), new LossSink()] as const
    const blocks = [
      { type: 'reasoning', text: 'Hm.' },
      { type: 'text', text: 'Write.', annotations: [annotation], sealed, ext },
      { type: 'text', text: '' },
    ] as const
    const candidate = { blocks, finish: { reason: 'stop' }, logprobs: {}, tokens } as const
    protocol.encodeReply({ candidates: [candidate] }, { ...replyOptions(asked), losses: losses[0] })
    const events: readonly ReplyEvent[] = [
      { type: 'block-start', index: 4, block: blocks[0] },
      { type: 'block-end', index: 4 },
      { type: 'block-start', index: 5, block: { type: 'text', text: '' } },
      { type: 'block-delta', index: 5, delta: { type: 'text', text: 'Write.' } },
      { type: 'block-delta', index: 5, delta: { type: 'annotation', annotation } },
      { type: 'block-delta', index: 5, delta: { type: 'logprobs', protocol: 'openai-chat', value: {}, tokens } },
      { type: 'block-delta', index: 5, delta: { type: 'sealed', sealed } },
      { type: 'block-end', index: 5, ext },
      { type: 'finish', finish: { reason: 'stop' } },
      { type: 'reply-end' },
    ]
    encodeEvents(events, { ...replyOptions(asked), losses: losses[1] })
    const lost = [
      'content[1].annotations citations dropped semantic',
      'content[1].novel novel dropped semantic',
      'content[1].sealed reasoning-seal dropped hint',
      'logprobs logprobs dropped semantic',
    ]
    for (const sink of losses) expect(linesOf(sink.losses.filter(({ feature }) => feature !== 'usage')).toSorted()).toEqual(lost)
  })

  it('numbers an error behind a summary that was never sent as if there were none', () => {
    const encoder = protocol.createStreamEncoder(replyOptions(asked))
    const numbers = said.slice(0, -1).flatMap((event) => dataOf(encoder.push(event)).map(({ sequence_number: number }) => number))
    encoder.push({ type: 'reply-end' })
    const [error] = dataOf(encoder.fail?.({ status: 500, kind: 'internal', message: 'no' }, 'id') ?? '')
    expect(error?.sequence_number).toBe(Number(numbers.at(-1)) + 1)
  })

  it('gets the words that came where they are none of the model’s own', () => {
    const refusal = { type: 'refusal', text: 'No.' } as const
    const whole = plain(protocol.encodeReply({ candidates: [{ blocks: [refusal], finish: { reason: 'refusal' } }] }, replyOptions(asked))) as JsonObject
    expect(itemsOf(whole)).toMatchObject([{ type: 'message', content: [{ type: 'refusal', refusal: 'No.' }] }])
  })
})

describe('the compaction that comes back', () => {
  const input = () => [compaction(), { type: 'message', role: 'user', content: 'Go on.' }]

  it('is told in words to a model of another vendor, by the user', () => {
    const { body, lost } = translated({ model: 'm', input: input() }, chatProtocol)
    expect(body.messages).toEqual([
      { role: 'user', content: 'A summary of the conversation so far:\n\nWrite hello.txt 😀.' },
      { role: 'user', content: 'Go on.' },
    ])
    expect(lost).toEqual([])
  })

  it('is told in words to the vendor too, which cannot open it', () => {
    const { input: sent } = translated({ model: 'm', input: input() }, responsesProtocol).body
    expect((sent as readonly JsonObject[])[0]).toEqual({
      type: 'message',
      role: 'user',
      content: [{ type: 'input_text', text: 'A summary of the conversation so far:\n\nWrite hello.txt 😀.' }],
    })
  })

  it('of the vendor’s own making stays as it is', () => {
    const own = { type: 'compaction', id: 'cmp_1', encrypted_content: 'gAAAA' }
    const { input: sent } = translated({ model: 'm', input: [own] }, responsesProtocol).body
    expect(isJsonObject((sent as readonly JsonObject[])[0])).toBe(true)
    expect(sent).toEqual([own])
  })
})
