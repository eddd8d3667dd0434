import Anthropic from '@anthropic-ai/sdk'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ownRecording } from '../../support/recordings.ts'
import { playRecording } from '../../support/scripted-upstream.ts'
import { read, readRecording } from '../../support/sdk-readings.ts'
import { askWeather } from '../conversations.ts'
import { dialects } from '../dialects/index.ts'
import { ask, callers, pathBetween, paths, requestOn, startVendors, translatedPaths, type Vendors } from '../vendors.ts'
import { anthropicEvents, blockFaults, chatStream, responsesStream } from './wire-streams.ts'

let gateway: Vendors

beforeAll(async () => {
  gateway = await startVendors()
})

afterAll(() => gateway.close())

async function messagesFrom(upstream: 'openai-chat' | 'openai-responses'): Promise<string> {
  const path = pathBetween('anthropic-messages', upstream)
  const reply = await ask(gateway.url, 'anthropic-messages', requestOn(path, true, { messages: [{ role: 'user', content: 'Hi' }], max_tokens: 500 }))
  expect(reply.status).toBe(200)
  return reply.text()
}

function accumulate(): Promise<Anthropic.Message> {
  const client = new Anthropic({ apiKey: 'sk-caller', baseURL: gateway.url, maxRetries: 0 })
  const { model } = pathBetween('anthropic-messages', 'openai-chat')
  return client.messages.stream({ model, max_tokens: 500, messages: [{ role: 'user', content: 'Hi' }] }).finalMessage()
}

describe('case 1: arguments that come with the chunk that opens a call', () => {
  it('are all in the deltas, byte for byte, however they were cut', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(60), { maxLength: 6 }), async (cuts) => {
        const whole = JSON.stringify({ path: 'src/ü“q”.ts', lines: [1, 2, 3], note: 'a\n"b"\\' })
        const borders = [...new Set([0, ...cuts.map((cut) => Math.min(cut, whole.length)), whole.length])].sort((a, b) => a - b)
        const pieces = borders.slice(1).map((border, index) => whole.slice(borders[index], border))
        const [first = '', ...others] = pieces
        gateway.upstream.reply(
          chatStream(
            { tool_calls: [{ index: 0, id: 'call_1', type: 'function', function: { name: 'edit', arguments: first } }] },
            ...others.map((piece) => ({ tool_calls: [{ index: 0, function: { arguments: piece } }] })),
          ),
        )
        const events = anthropicEvents(await messagesFrom('openai-chat'))
        expect(events.map(({ delta }) => delta?.partial_json ?? '').join('')).toBe(whole)
      }),
      { numRuns: 25 },
    )
  })
})

describe('case 2: block indices', () => {
  const pieceOfReply = fc.oneof(
    fc.record({ content: fc.string({ minLength: 1, maxLength: 5 }) }),
    fc.record({ reasoning_content: fc.string({ minLength: 1, maxLength: 5 }) }),
    fc.nat(3).map((index) => ({ tool_calls: [{ index, id: `call_${index}`, type: 'function', function: { name: `tool_${index}`, arguments: '' } }] })),
    fc.nat(3).map((index) => ({ tool_calls: [{ index, function: { arguments: '1' } }] })),
  )

  it('count from 0 without gaps, each opened and closed once, and the official client takes every stream', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(pieceOfReply, { maxLength: 14 }), async (deltas) => {
        // Pieces of calls that were never opened are the provider's fault, and another test's subject.
        const opened = new Set<number>()
        const sane = deltas.filter((delta) => {
          if (!('tool_calls' in delta)) return true
          const [call] = delta.tool_calls
          if (!call) return false
          if ('id' in call) return !opened.has(call.index) && opened.add(call.index)
          return opened.has(call.index)
        })
        gateway.upstream.reply(chatStream(...sane), chatStream(...sane))
        expect(blockFaults(anthropicEvents(await messagesFrom('openai-chat')))).toEqual([])
        await accumulate()
      }),
      { numRuns: 40 },
    )
  })
})

describe('case 3: text behind a tool call in the same turn', () => {
  it('begins when the call’s block is closed', async () => {
    gateway.upstream.reply(
      chatStream(
        { content: 'before' },
        { tool_calls: [{ index: 0, id: 'call_1', type: 'function', function: { name: 'ls', arguments: '{}' } }] },
        { content: 'behind' },
      ),
    )
    const events = anthropicEvents(await messagesFrom('openai-chat'))
    expect(blockFaults(events)).toEqual([])
    expect(events.flatMap(({ content_block: block }) => (block ? [block.type] : []))).toEqual(['text', 'tool_use', 'text'])
  })
})

describe('case 4: thoughts', () => {
  it('stand in blocks of their own, behind exactly one message_start', async () => {
    gateway.upstream.reply(chatStream({ reasoning_content: 'hm' }, { content: 'so' }, { reasoning_content: 'wait' }, { content: 'yes' }))
    const events = anthropicEvents(await messagesFrom('openai-chat'))
    expect(blockFaults(events)).toEqual([])
    expect(events.map(({ delta }) => delta?.thinking ?? '').join('')).toBe('hmwait')
    expect(events.map(({ delta }) => delta?.text ?? '').join('')).toBe('soyes')
  })
})

describe('case 5: output indexes of a Response', () => {
  it('are not taken for block indices', async () => {
    const part = { type: 'output_text', text: 'Hi', annotations: [], logprobs: [] }
    const message = { type: 'message', id: 'msg_1', role: 'assistant', status: 'completed', content: [part] }
    const empty = { type: 'reasoning', id: 'rs_1', summary: [] }
    const response = { id: 'resp_1', object: 'response', created_at: 1, model: 'm', output: [], status: 'in_progress', usage: null }
    gateway.upstream.reply(
      responsesStream(
        { type: 'response.created', response },
        { type: 'response.output_item.added', output_index: 0, item: empty },
        { type: 'response.output_item.done', output_index: 0, item: empty },
        { type: 'response.output_item.added', output_index: 4, item: { ...message, status: 'in_progress', content: [] } },
        { type: 'response.content_part.added', item_id: 'msg_1', output_index: 4, content_index: 0, part: { ...part, text: '' } },
        { type: 'response.output_text.delta', item_id: 'msg_1', output_index: 4, content_index: 0, delta: 'Hi', logprobs: [] },
        { type: 'response.output_text.done', item_id: 'msg_1', output_index: 4, content_index: 0, text: 'Hi', logprobs: [] },
        { type: 'response.content_part.done', item_id: 'msg_1', output_index: 4, content_index: 0, part },
        { type: 'response.output_item.done', output_index: 4, item: message },
        {
          type: 'response.completed',
          response: {
            ...response,
            status: 'completed',
            output: [empty, message],
            usage: {
              input_tokens: 9,
              input_tokens_details: { cached_tokens: 0 },
              output_tokens: 1,
              output_tokens_details: { reasoning_tokens: 0 },
              total_tokens: 10,
            },
          },
        },
      ),
    )
    const events = anthropicEvents(await messagesFrom('openai-responses'))
    expect(blockFaults(events)).toEqual([])
    expect(events.map(({ delta }) => delta?.text ?? '').join('')).toBe('Hi')
  })
})

describe('case 6: several calls in one streamed answer', () => {
  it.each(translatedPaths)('keep their ids, names and arguments apart ($name)', async (path) => {
    const recording = ownRecording(path.upstream, 'parallel-tools')
    for (const pieceBytes of [undefined, 5]) {
      gateway.upstream.reply(playRecording(recording, pieceBytes ? { pieceBytes } : {}))
      const meaning = await read(path.caller, gateway.url, requestOn(path, true, askWeather[path.caller]))
      const { toolCalls } = await readRecording(recording)
      expect(meaning.toolCalls).toEqual(toolCalls)
      expect(toolCalls.length).toBeGreaterThan(1)
    }
  })
})

describe('case 7: an error of the provider', () => {
  it.each(paths)('before the first byte is a status in the caller’s own envelope ($name)', async (path) => {
    const { vendorError, errorTypes } = dialects[path.upstream]
    gateway.upstream.reply({ status: 400, body: vendorError(400, errorTypes.invalid, 'Too odd.') })
    const reply = await ask(gateway.url, path.caller, requestOn(path, true, askWeather[path.caller]))
    const envelope: unknown = await reply.json()
    expect([reply.status, dialects[path.caller].envelopeFaults(envelope), JSON.stringify(envelope).includes('Too odd.')]).toEqual([400, [], true])
  })

  it.each(paths)('in the middle of a stream is a terminal event of the caller’s own grammar, never a clean stop ($name)', async (path) => {
    gateway.upstream.reply(playRecording(ownRecording(path.upstream, 'error-mid-stream')))
    const reply = await ask(gateway.url, path.caller, requestOn(path, true, askWeather[path.caller]))
    const bytes = Buffer.from(await reply.arrayBuffer())
    expect(reply.status).toBe(200)
    expect(dialects[path.caller].violations(bytes, { ending: 'error' })).toEqual([])
  })

  it('has covered every caller', () => {
    expect(callers).toHaveLength(4)
  })
})
