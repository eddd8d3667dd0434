import { type FinishReason, GatewayError, type Json, type JsonObject, LossSink, type Reply } from 'tokligence'
import { describe, expect, it } from 'vitest'
import { protocol, replyOptions } from './subject.ts'

const message = {
  id: 'msg_1',
  type: 'message',
  role: 'assistant',
  model: 'm',
  content: [{ type: 'text', text: 'x' }],
  stop_reason: 'end_turn',
  stop_sequence: null,
}

function encode(reply: Reply) {
  const losses = new LossSink()
  return { message: protocol.encodeReply(reply, replyOptions(losses)) as JsonObject, losses: losses.losses }
}

function finished(reason: FinishReason, fields: Partial<Reply['candidates'][number]> = {}): Reply {
  return {
    candidates: [{ blocks: [{ type: 'text', text: 'x' }], finish: { reason, raw: 'other_word' }, ...fields }],
    usage: { inputUncached: 1, output: 1, source: 'measured' },
  }
}

describe('stop reasons', () => {
  it.each([
    ['end_turn', 'stop'],
    ['max_tokens', 'length'],
    ['stop_sequence', 'stop-sequence'],
    ['tool_use', 'tool-calls'],
    ['pause_turn', 'pause'],
    ['refusal', 'refusal'],
    ['model_context_window_exceeded', 'context'],
    ['compaction', 'pause'],
    ['novel_reason', 'other'],
  ])('reads %s as %s and writes it back', (word, reason) => {
    const body = { ...message, stop_reason: word, stop_sequence: word === 'stop_sequence' ? 'END' : null, stop_details: { type: 'refusal', category: null } }
    const reply = protocol.decodeReply(body)
    expect(reply.candidates[0]?.finish).toMatchObject({ reason, raw: word })
    expect(protocol.encodeReply(reply, replyOptions())).toMatchObject(body)
  })

  it.each([
    ['stop', 'end_turn'],
    ['stop-sequence', 'stop_sequence'],
    ['length', 'max_tokens'],
    ['context', 'model_context_window_exceeded'],
    ['tool-calls', 'end_turn'],
    ['pause', 'pause_turn'],
    ['refusal', 'refusal'],
    ['content-filter', 'refusal'],
    ['error', 'end_turn'],
    ['other', 'end_turn'],
  ] as const)('writes %s of another protocol as %s', (reason, word) => {
    expect(encode(finished(reason)).message.stop_reason).toBe(word)
  })

  it('says tool_use wherever the caller must run a tool, because callers look there', () => {
    const blocks = [{ type: 'tool-call', id: 'c', name: 'f', argumentsText: '{}', form: 'json', executedBy: 'client' }] as const
    expect(encode(finished('stop', { blocks })).message.stop_reason).toBe('tool_use')
    expect(encode(finished('tool-calls', { blocks })).message.stop_reason).toBe('tool_use')
    expect(encode(finished('length', { blocks })).message.stop_reason).toBe('max_tokens')
  })
})

describe('usage', () => {
  it('is read into disjoint buckets, absent where the provider does not say', () => {
    const usage = {
      input_tokens: 1,
      cache_read_input_tokens: 2,
      cache_creation_input_tokens: 5,
      cache_creation: { ephemeral_1h_input_tokens: 3 },
      output_tokens: 8,
      output_tokens_details: { thinking_tokens: 4 },
    }
    const { raw, ...buckets } = protocol.decodeReply({ ...message, usage }).usage ?? {}
    expect(buckets).toEqual({ inputUncached: 1, cacheRead: 2, cacheWrite: 5, cacheWriteLong: 3, output: 8, reasoning: 4, source: 'measured' })
    expect(raw).toEqual(usage)
    expect(protocol.decodeReply({ ...message, usage: { input_tokens: 1, cache_read_input_tokens: null, output_tokens: 0 } }).usage).toEqual({
      inputUncached: 1,
      output: 0,
      source: 'measured',
      raw: { input_tokens: 1, cache_read_input_tokens: null, output_tokens: 0 },
    })
  })

  it('of another protocol is written whole, null where it does not say', () => {
    const usage = { inputUncached: 1, cacheRead: 2, cacheWrite: 5, cacheWriteLong: 3, output: 8, source: 'measured' } as const
    expect(encode({ ...finished('stop'), usage }).message.usage).toEqual({
      input_tokens: 1,
      cache_creation_input_tokens: 5,
      cache_read_input_tokens: 2,
      cache_creation: { ephemeral_5m_input_tokens: 2, ephemeral_1h_input_tokens: 3 },
      output_tokens: 8,
    })
    expect(encode(finished('stop')).message.usage).toMatchObject({ cache_read_input_tokens: null })
  })
})

describe('a reply', () => {
  it.each<[string, Json]>([
    ['no object', 'hello'],
    ['no content', { type: 'message', role: 'assistant' }],
    ['content of the wrong type', { ...message, content: [{ type: 'text', text: 4 }] }],
  ])('that is %s is malformed', (_name, body) => {
    const decode = () => protocol.decodeReply(body)
    expect(decode).toThrow(GatewayError)
    expect(decode).toThrow(expect.objectContaining({ code: 'TKL_UPSTREAM_MALFORMED' }))
  })

  it('that is an error under status 200 stays the vendor’s error', () => {
    const body = { type: 'error', error: { type: 'overloaded_error', message: 'Overloaded' } }
    const error = { code: 'TKL_UPSTREAM_ERROR', status: 529, kind: 'overloaded', message: 'Overloaded' }
    expect(() => protocol.decodeReply(body)).toThrow(expect.objectContaining(error))
    expect(protocol.summarize(body)).toMatchObject({ complete: false, error: { status: 529, kind: 'overloaded', vendorType: 'overloaded_error' } })
  })

  it('of another protocol becomes a message, with a loss for each thing that a message cannot hold', () => {
    const { message: encoded, losses } = encode({
      id: 'chatcmpl-1',
      model: 'gpt-test',
      serviceTier: 'default',
      ext: { 'openai-chat': { system_fingerprint: 'fp' } },
      candidates: [
        {
          blocks: [
            { type: 'reasoning', text: 'hm' },
            { type: 'text', text: '' },
            { type: 'text', text: 'see', annotations: [{ protocol: 'openai-chat', value: {} }] },
            { type: 'tool-call', id: 'call:1', name: 'f', argumentsText: '{"a":1}', form: 'json', executedBy: 'client' },
          ],
          finish: { reason: 'tool-calls', raw: 'tool_calls' },
          logprobs: { content: [] },
        },
        { blocks: [], finish: { reason: 'stop' } },
      ],
    })
    expect(encoded).toMatchObject({
      type: 'message',
      role: 'assistant',
      model: 'gpt-test',
      content: [
        { type: 'thinking', thinking: 'hm', signature: '' },
        { type: 'text', text: 'see' },
        { type: 'tool_use', name: 'f', input: { a: 1 } },
      ],
      stop_reason: 'tool_use',
      stop_sequence: null,
      usage: { input_tokens: 7 },
    })
    expect(encoded.id).toMatch(/^msg_[0-9a-f]{32}$/)
    expect((encoded.content as { id: string }[])[2]?.id).toMatch(/^[a-zA-Z0-9_-]+$/)
    expect(losses.map(({ feature }) => feature).sort()).toEqual(['candidates', 'citations', 'logprobs', 'service-tier', 'system-fingerprint', 'usage'])
  })
})

describe('the summary of an untouched reply', () => {
  it('has what the ledger needs', () => {
    expect(protocol.summarize({ ...message, usage: { input_tokens: 3, output_tokens: 4 } })).toEqual({
      id: 'msg_1',
      model: 'm',
      finish: 'end_turn',
      usage: { inputUncached: 3, output: 4, source: 'measured', raw: { input_tokens: 3, output_tokens: 4 } },
      complete: true,
      contentEvents: 1,
    })
  })

  it.each<Json>([null, 7, 'x', [], {}, { usage: 'many', id: 4, content: 'x' }, { type: 'error', error: null }])('does not throw at %j', (body) => {
    expect(protocol.summarize(body)).toMatchObject({ contentEvents: 0 })
  })
})
