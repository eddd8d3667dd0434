import type { Conversation, ModelFacts, Turn } from 'tokligence'
import { describe, expect, it } from 'vitest'
import { answered, called, conversation, decodeRequest, encodeRequest, said } from './subject.ts'

const tool = { type: 'function', name: 'look' } as const

function budget(fields: Partial<Conversation>, facts?: ModelFacts, turns: readonly Turn[] = [said('user', 'hi')]) {
  return encodeRequest(conversation(turns, { maxOutputTokens: 50_000, ...fields }), facts)
}

describe('thinking', () => {
  it.each([
    ['minimal', 1024],
    ['low', 2048],
    ['medium', 8192],
    ['high', 16_384],
    ['novel', 8192],
  ])('gives the effort %s a budget of %d tokens', (effort, tokens) => {
    const { body, losses } = budget({ reasoning: { mode: 'effort', effort } })
    expect(body.thinking).toEqual({ type: 'enabled', budget_tokens: tokens })
    expect(losses).toMatchObject([{ path: 'reasoning', action: 'approximated', severity: 'hint' }])
  })

  it('is switched off for the effort none', () => {
    expect(budget({ reasoning: { mode: 'effort', effort: 'none' } }).body.thinking).toEqual({ type: 'disabled' })
    expect(budget({ reasoning: { mode: 'off' } }).losses).toEqual([])
  })

  it('raises a budget to the least that the model takes and lowers it below the output limit', () => {
    expect(budget({ reasoning: { mode: 'budget', budgetTokens: 10 } }).body.thinking).toMatchObject({ budget_tokens: 1024 })
    expect(budget({ reasoning: { mode: 'budget', budgetTokens: 10 } }, { minThinkingTokens: 4000 }).body.thinking).toMatchObject({ budget_tokens: 4000 })
    expect(budget({ maxOutputTokens: 10_000, reasoning: { mode: 'budget', budgetTokens: 30_000 } }).body.thinking).toMatchObject({ budget_tokens: 8000 })
  })

  it.each([
    [{ mode: 'effort', effort: 'high' }, 'adaptive', undefined],
    [{ mode: 'effort', effort: 'high', display: 'auto' }, 'adaptive', 'summarized'],
    [{ mode: 'effort', effort: 'high', display: 'omitted' }, 'adaptive', 'omitted'],
    [{ mode: 'budget', budgetTokens: 2000 }, 'adaptive', 'summarized'],
    [{ mode: 'budget', budgetTokens: 2000 }, 'budget', undefined],
    [{ mode: 'budget', budgetTokens: 2000, display: 'omitted' }, 'budget', 'omitted'],
  ] as const)('is shown as it was asked for, and where the caller’s protocol shows it: %j for a model of the kind %s', (reasoning, thinking, display) => {
    const { body, losses } = budget({ reasoning }, { thinking })
    expect((body.thinking as { display?: string }).display).toBe(display)
    expect(losses.filter(({ feature }) => feature === 'reasoning-display')).toEqual([])
  })

  it('is shown as a summary where more was asked for, and says so', () => {
    const { body, losses } = budget({ reasoning: { mode: 'adaptive', display: 'detailed' } }, { thinking: 'adaptive' })
    expect(body.thinking).toEqual({ type: 'adaptive', display: 'summarized' })
    expect(losses).toMatchObject([{ path: 'reasoning.display', feature: 'reasoning-display', action: 'approximated', severity: 'hint' }])
  })

  it('is dropped where the output limit leaves no room for it', () => {
    const { body, losses } = budget({ maxOutputTokens: 1024, reasoning: { mode: 'effort', effort: 'high' } })
    expect(body).not.toHaveProperty('thinking')
    expect(losses).toMatchObject([{ path: 'reasoning', action: 'dropped', severity: 'semantic' }])
  })

  it('is adaptive with an effort where the model is', () => {
    expect(budget({ reasoning: { mode: 'effort', effort: 'xhigh' } }, { thinking: 'adaptive' }).body).toMatchObject({
      thinking: { type: 'adaptive' },
      output_config: { effort: 'xhigh' },
    })
    expect(budget({ reasoning: { mode: 'effort', effort: 'minimal' } }, { thinking: 'adaptive' }).body.output_config).toEqual({ effort: 'low' })
    expect(budget({ reasoning: { mode: 'effort', effort: 'high' } }, { thinking: 'effort' }).body).not.toHaveProperty('thinking')
  })

  it('is dropped beside a forced tool choice, and where the model has none', () => {
    for (const result of [
      budget({ reasoning: { mode: 'effort', effort: 'high' }, tools: [tool], toolChoice: { type: 'required' } }),
      budget({ reasoning: { mode: 'effort', effort: 'high' } }, { thinking: 'none' }),
    ]) {
      expect(result.body).not.toHaveProperty('thinking')
      expect(result.losses).toMatchObject([{ path: 'reasoning', action: 'dropped' }])
    }
  })

  it('is dropped where an earlier call lacks its signed thoughts, and kept where they are', () => {
    const fields = { reasoning: { mode: 'effort', effort: 'low' } } as const
    const thought = { type: 'reasoning', text: 'hm', sealed: { issuer: 'anthropic-messages', value: 's' } } as const
    const turns = (...blocks: Parameters<typeof said>[1][]) => [said('user', 'go'), said('assistant', ...blocks, called('c')), said('tool', answered('c'))]
    expect(budget(fields, {}, turns()).body).not.toHaveProperty('thinking')
    expect(budget(fields, {}, turns(thought)).body).toHaveProperty('thinking')
  })

  it('takes temperature and top_k away and holds top_p in its bounds', () => {
    const { body, losses } = budget({ reasoning: { mode: 'effort', effort: 'low' }, sampling: { temperature: 0.2, topK: 3, topP: 0.5 } })
    expect(body).toMatchObject({ top_p: 0.95 })
    expect(Object.keys(body)).not.toEqual(expect.arrayContaining(['temperature']))
    expect(losses.map(({ path }) => path)).toEqual(['reasoning', 'temperature', 'top_k', 'top_p'])
  })
})

describe('thinking of a caller of this protocol, whose last call another provider’s thoughts were behind', () => {
  const edits = [{ type: 'clear_thinking_20251015', keep: 'all' }, { type: 'clear_tool_uses_20250919' }]
  const request = {
    model: 'm',
    max_tokens: 9_000,
    thinking: { type: 'enabled', budget_tokens: 2_000 },
    context_management: { edits },
    messages: [
      { role: 'user', content: 'Look.' },
      { role: 'assistant', content: [{ type: 'tool_use', id: 't', name: 'look', input: {} }] },
      { role: 'user', content: [{ type: 'tool_result', tool_use_id: 't', content: 'Seen.' }] },
    ],
  }
  const sent = (changes: object = {}, more: Partial<Conversation> = { lacksThoughts: true }) =>
    encodeRequest({ ...decodeRequest({ ...request, ...changes }), ...more })

  it('is left out, and what only stands beside it', () => {
    const { body, losses } = sent()
    expect(body).toEqual({ ...request, thinking: undefined, context_management: { edits: edits.slice(1) } })
    expect(losses).toMatchObject([
      { path: 'thinking', feature: 'reasoning', action: 'dropped', severity: 'semantic' },
      { path: 'context_management.edits[0]', feature: 'context-management', action: 'dropped', severity: 'hint' },
    ])
    expect(sent({ context_management: { edits: edits.slice(0, 1) } }).body).not.toHaveProperty('context_management')
  })

  it.each([
    ['nothing was taken out', {}, {}],
    ['the model decides by itself', { thinking: { type: 'adaptive' } }, { lacksThoughts: true }],
    [
      'the call has been talked about since',
      { messages: [...request.messages, { role: 'assistant', content: 'Hm.' }, { role: 'user', content: 'So?' }] },
      { lacksThoughts: true },
    ],
  ])('stays where %s', (_title, changes, more) => {
    expect(sent(changes, more)).toMatchObject({ body: { ...request, ...changes }, losses: [] })
  })
})
