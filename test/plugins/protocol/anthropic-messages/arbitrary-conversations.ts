import fc from 'fast-check'
import type { Block, Conversation, ModelFacts, ReasoningRequest, ToolChoice, Turn } from 'tokligence'
import { conversation } from './subject.ts'

const callId = fc.constantFrom('a', 'b', 'call:1', '')
const text = fc.constantFrom('', ' ', 'hello', 'so be it \n')

const block: fc.Arbitrary<Block> = fc.oneof(
  text.map((value): Block => ({ type: 'text', text: value })),
  text.map((value): Block => ({ type: 'refusal', text: value })),
  fc.constantFrom<Block>(
    { type: 'reasoning', text: 'hm' },
    { type: 'reasoning', text: 'hm', sealed: { issuer: 'anthropic-messages', value: 'signed' } },
    { type: 'reasoning', text: '', redacted: true, sealed: { issuer: 'elsewhere', value: 'x' } },
    { type: 'media', kind: 'image', source: { type: 'url', url: 'https://example.com/a.png' } },
    { type: 'media', kind: 'image', source: { type: 'base64', data: 'iVBORw0KGgoAAA==' } },
    { type: 'media', kind: 'image', mediaType: 'image/bmp', source: { type: 'base64', data: 'Qk0=' } },
    { type: 'media', kind: 'audio', mediaType: 'audio/wav', source: { type: 'base64', data: 'UklGRg==' } },
    { type: 'media', kind: 'file', filename: 'a.pdf', source: { type: 'base64', data: 'JVBERi0=' } },
    { type: 'media', kind: 'file', source: { type: 'file', fileId: 'file-1', issuer: 'elsewhere' } },
    { type: 'foreign', protocol: 'elsewhere', kind: 'widget', value: { type: 'widget' } },
  ),
)

const call: fc.Arbitrary<Block> = fc
  .record({ id: callId, argumentsText: fc.constantFrom('', '{}', '{"a":1}', '[1]', '{"cut', '"text"'), free: fc.boolean() })
  .map(({ id, argumentsText, free }) => ({ type: 'tool-call', id, name: 'look', argumentsText, form: free ? 'text' : 'json', executedBy: 'client' }))

const result: fc.Arbitrary<Block> = fc
  .record({ id: callId, content: fc.array(block, { maxLength: 2 }), plain: fc.boolean() })
  .map(({ id, content, plain }) => ({
    type: 'tool-result',
    callId: id,
    content: plain ? [{ type: 'text', text: 'done' }] : content,
    form: plain ? 'text' : 'blocks',
  }))

const turn: fc.Arbitrary<Turn> = fc
  .oneof(
    fc.record({ role: fc.constantFrom('system' as const, 'developer' as const), blocks: fc.array(block, { maxLength: 2 }) }),
    fc.record({ role: fc.constant('user' as const), blocks: fc.array(fc.oneof(block, result), { maxLength: 3 }) }),
    fc.record({ role: fc.constant('assistant' as const), blocks: fc.array(fc.oneof(block, call), { maxLength: 4 }) }),
    fc.record({ role: fc.constant('tool' as const), blocks: fc.array(result, { maxLength: 2 }) }),
  )
  .map(({ role, blocks }) => ({ role, blocks, form: 'blocks' }))

const reasoning: fc.Arbitrary<ReasoningRequest> = fc.oneof(
  fc.constantFrom('none', 'minimal', 'low', 'high', 'xhigh', 'constructor').map((effort): ReasoningRequest => ({ mode: 'effort', effort })),
  fc.integer({ min: 0, max: 100_000 }).map((budgetTokens): ReasoningRequest => ({ mode: 'budget', budgetTokens })),
  fc.constantFrom<ReasoningRequest>({ mode: 'off' }, { mode: 'adaptive' }),
)

const toolChoice = fc.constantFrom<ToolChoice>(
  { type: 'auto' },
  { type: 'none' },
  { type: 'required' },
  { type: 'tool', name: 'look' },
  { type: 'tool', name: 'absent' },
  { type: 'allowed', mode: 'required', names: ['look'] },
)

/** Whatever another protocol may send, in any order. */
export const arbitraryConversation: fc.Arbitrary<Conversation> = fc
  .record({
    turns: fc.array(turn, { maxLength: 8 }),
    tools: fc.boolean(),
    optional: fc.record(
      {
        reasoning,
        toolChoice,
        parallelToolCalls: fc.boolean(),
        maxOutputTokens: fc.integer({ min: 1, max: 40_000 }),
        stop: fc.array(fc.constantFrom('', ' ', 'END'), { maxLength: 3 }),
        sampling: fc.record(
          { temperature: fc.double({ min: 0, max: 2, noNaN: true }), topP: fc.double({ min: 0.1, max: 1, noNaN: true }), topK: fc.nat() },
          { requiredKeys: [] },
        ),
      },
      { requiredKeys: [] },
    ),
  })
  .map(({ turns, tools, optional }) => {
    const { maxOutputTokens: _, ...base } = conversation(turns)
    return {
      ...base,
      ...(tools && {
        tools: [
          { type: 'function', name: 'look' },
          { type: 'freeform', name: 'patch' },
        ],
      }),
      ...optional,
    }
  })

export const arbitraryFacts: fc.Arbitrary<ModelFacts> = fc.record(
  {
    maxOutputTokens: fc.constantFrom(1, 2000, 64_000),
    minThinkingTokens: fc.constantFrom(1024, 3000),
    thinking: fc.constantFrom('none' as const, 'budget' as const, 'adaptive' as const, 'effort' as const),
    structuredOutput: fc.boolean(),
  },
  { requiredKeys: [] },
)
