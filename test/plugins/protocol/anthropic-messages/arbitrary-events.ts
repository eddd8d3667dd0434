import fc from 'fast-check'
import type { Block, Delta, FinishReason, ReplyEvent } from 'tokligence'

interface Plan {
  readonly block: Block
  readonly deltas: readonly Delta[]
  readonly candidate?: number
}

const piece = fc.string({ unit: 'grapheme', maxLength: 8 })
const texts = fc.array(piece, { maxLength: 4 })
const id = fc.oneof(fc.stringMatching(/^[a-z0-9_-]{1,12}$/), fc.string({ maxLength: 6 }))
const issuer = fc.constantFrom('anthropic-messages', 'elsewhere')
const json = fc.dictionary(fc.string({ minLength: 1, maxLength: 5 }), fc.oneof(fc.string({ maxLength: 8 }), fc.integer(), fc.boolean()), { maxKeys: 3 })

function textDeltas(pieces: readonly string[]): Delta[] {
  return pieces.map((text) => ({ type: 'text', text }))
}

/** The pieces of a text cut at the given places. */
function cut(text: string, places: readonly number[]): string[] {
  const borders = [0, ...places.map((place) => Math.min(place, text.length)).sort((a, b) => a - b), text.length]
  return borders.slice(1).map((border, index) => text.slice(borders[index], border))
}

const seal = fc.option(fc.record({ issuer, value: fc.string({ minLength: 1, maxLength: 8 }) }))
const citation = fc.constantFrom({}, { citation: { title: 'A file' } }, { citation: { url: 'https://a.example', title: 'A', start: 0, end: 1 } })

const textPlan = fc.record({ opening: piece, pieces: texts, cited: fc.boolean(), protocol: issuer, citation, seal }).map(
  ({ opening, pieces, cited, protocol, citation, seal }): Plan => ({
    block: { type: 'text', text: opening },
    deltas: [
      ...textDeltas(pieces),
      ...(cited ? [{ type: 'annotation' as const, annotation: { protocol, value: { cited_text: 'x' }, ...citation } }] : []),
      ...(seal ? [{ type: 'sealed' as const, sealed: seal }] : []),
    ],
  }),
)

const reasoningPlan = fc.record({ pieces: texts, seal }).map(
  ({ pieces, seal }): Plan => ({
    block: { type: 'reasoning', text: '' },
    deltas: [...textDeltas(pieces), ...(seal ? [{ type: 'sealed' as const, sealed: seal }] : [])],
  }),
)

const redactedPlan = issuer.map((by): Plan => ({ block: { type: 'reasoning', text: '', redacted: true, sealed: { issuer: by, value: 'hidden' } }, deltas: [] }))

const refusalPlan = texts.map((pieces): Plan => ({ block: { type: 'refusal', text: '' }, deltas: textDeltas(pieces) }))

const callPlan = fc
  .record({ id, arguments: fc.option(json), free: fc.boolean(), places: fc.array(fc.nat({ max: 30 }), { maxLength: 4 }), together: fc.boolean(), seal })
  .map(({ id, arguments: input, free, places, together, seal }): Plan => {
    const whole = input === null ? '' : JSON.stringify(input)
    const [first = '', ...others] = cut(whole, places)
    return {
      block: {
        type: 'tool-call',
        id,
        name: 'look',
        argumentsText: together ? first : '',
        form: free ? 'text' : 'json',
        executedBy: 'client',
        ...(seal && { sealed: seal }),
      },
      deltas: textDeltas(together ? others : [first, ...others]),
    }
  })

const hosted: Block = { type: 'tool-call', id: 'h', name: 'web-search', argumentsText: '', form: 'json', executedBy: 'provider' }

const otherPlan = fc.constantFrom<Plan>(
  {
    block: {
      type: 'foreign',
      protocol: 'anthropic-messages',
      kind: 'server_tool_use',
      value: { type: 'server_tool_use', id: 's', name: 'web_search', input: { query: 'x' } },
    },
    deltas: [],
  },
  { block: { type: 'foreign', protocol: 'elsewhere', kind: 'widget', value: { type: 'widget' } }, deltas: [] },
  { block: { type: 'media', kind: 'audio', source: { type: 'base64', data: 'AAAA' } }, deltas: [] },
  { block: { ...hosted, name: 'web-search', argumentsText: '{"query":"x"}', sealed: { issuer: 'elsewhere', value: 's' } }, deltas: [] },
  { block: { ...hosted, name: 'code-execution' }, deltas: textDeltas(['{"code":', '"1"}']) },
  { block: { ...hosted, name: 'file-search' }, deltas: [] },
  { block: { type: 'tool-result', callId: 'h', name: 'web-search', content: [{ type: 'text', text: 'https://a.example' }], form: 'blocks' }, deltas: [] },
  { block: { type: 'tool-result', callId: 'h', content: [{ type: 'text', text: '1' }], form: 'blocks' }, deltas: [] },
  { block: { type: 'text', text: 'another alternative' }, deltas: [], candidate: 1 },
)

const plan = fc.oneof(textPlan, reasoningPlan, redactedPlan, refusalPlan, callPlan, otherPlan)
const reason = fc.constantFrom<FinishReason>('stop', 'stop-sequence', 'length', 'context', 'tool-calls', 'pause', 'refusal', 'content-filter', 'error', 'other')

/** Legal replies whose blocks open and grow side by side, as protocols with parallel calls send them. */
export const arbitraryEvents: fc.Arbitrary<ReplyEvent[]> = fc
  .record({ plans: fc.array(plan, { maxLength: 6 }), picks: fc.array(fc.nat(), { maxLength: 60 }), reason, output: fc.option(fc.nat({ max: 1000 })) })
  .map(({ plans, picks, reason, output }) => [
    { type: 'reply-start', model: 'gpt-test' },
    ...interleave(plans, picks),
    ...(output === null ? [] : [{ type: 'usage' as const, usage: { inputUncached: 5, output, source: 'measured' as const } }]),
    { type: 'finish', finish: { reason } },
    { type: 'reply-end' },
  ])

function interleave(plans: readonly Plan[], picks: readonly number[]): ReplyEvent[] {
  const events: ReplyEvent[] = []
  const running: { readonly index: number; readonly deltas: Delta[] }[] = []
  let opened = 0
  const open = ({ block, deltas, candidate }: Plan) => {
    events.push({ type: 'block-start', index: opened, block, ...(candidate !== undefined && { candidate }) })
    running.push({ index: opened++, deltas: [...deltas] })
  }
  const advance = (number: number) => {
    const block = running[number]
    if (!block) return
    const delta = block.deltas.shift()
    if (delta) events.push({ type: 'block-delta', index: block.index, delta })
    else {
      events.push({ type: 'block-end', index: block.index })
      running.splice(number, 1)
    }
  }
  for (const pick of picks) {
    const choice = pick % (running.length + 1)
    const next = plans[opened]
    if (choice === running.length && next) open(next)
    else advance(choice)
  }
  while (opened < plans.length) open(plans[opened] as Plan)
  while (running.length > 0) advance(0)
  return events
}
