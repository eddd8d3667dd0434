import fc from 'fast-check'
import type { Block, Delta, FinishReason, ReplyEvent } from 'tokligence'

interface Plan {
  readonly block: Block
  readonly deltas: readonly Delta[]
  readonly candidate?: number
}

const piece = fc.string({ unit: 'grapheme', maxLength: 8 })
const texts = fc.array(fc.oneof(piece, fc.constant('\n\n')), { maxLength: 4 })
const id = fc.oneof(fc.stringMatching(/^[a-z0-9_-]{1,12}$/), fc.string({ minLength: 1, maxLength: 6 }))
const sealed = fc.record({ issuer: fc.constantFrom('openai-responses', 'elsewhere'), value: fc.string({ minLength: 1, maxLength: 8 }) })
const json = fc.dictionary(fc.string({ minLength: 1, maxLength: 5 }), fc.oneof(fc.string({ maxLength: 8 }), fc.integer(), fc.boolean()), { maxKeys: 3 })

function textDeltas(pieces: readonly string[]): Delta[] {
  return pieces.map((text) => ({ type: 'text', text }))
}

const citation: fc.Arbitrary<Delta> = fc
  .record({
    url: fc.option(fc.webUrl(), { nil: undefined }),
    fileId: fc.option(id, { nil: undefined }),
    title: fc.option(piece, { nil: undefined }),
    placed: fc.boolean(),
  })
  .map(({ url, fileId, title, placed }) => ({
    type: 'annotation',
    annotation: {
      protocol: 'elsewhere',
      value: { cited: 'x' },
      citation: {
        ...(url !== undefined && { url }),
        ...(fileId !== undefined && { fileId }),
        ...(title !== undefined && { title }),
        ...(placed && { start: 0, end: 0 }),
      },
    },
  }))

const logprobs: fc.Arbitrary<Delta> = piece.map((token) => ({ type: 'logprobs', protocol: 'elsewhere', value: {}, tokens: [{ token, logprob: -0.5 }] }))

const textPlan = fc
  .record({ opening: piece, pieces: texts, cited: fc.array(citation, { maxLength: 2 }), seal: fc.option(sealed), told: fc.boolean(), tokens: logprobs })
  .map(
    ({ opening, pieces, cited, seal, told, tokens }): Plan => ({
      block: { type: 'text', text: opening },
      deltas: [
        ...textDeltas(pieces),
        ...cited,
        // Without a text there is nothing that could be likely.
        ...(told && opening !== '' ? [tokens] : []),
        ...(seal ? [{ type: 'sealed' as const, sealed: seal }] : []),
      ],
    }),
  )

const reasoningPlan = fc.record({ pieces: texts, seal: fc.option(sealed) }).map(
  ({ pieces, seal }): Plan => ({
    block: { type: 'reasoning', text: '' },
    deltas: [...textDeltas(pieces), ...(seal ? [{ type: 'sealed' as const, sealed: seal }] : [])],
  }),
)

const redactedPlan = fc
  .option(sealed)
  .map((seal): Plan => ({ block: { type: 'reasoning', text: '', redacted: true, ...(seal && { sealed: seal }) }, deltas: [] }))

const refusalPlan = texts.map((pieces): Plan => ({ block: { type: 'refusal', text: '' }, deltas: textDeltas(pieces) }))

const callPlan = fc
  .record({ id, name: fc.constantFrom('look', 'tool_search'), input: fc.option(json), free: fc.boolean(), at: fc.nat(20), seal: fc.option(sealed) })
  .map(({ id, name, input, free, at, seal }): Plan => {
    const whole = input === null ? '' : JSON.stringify(input)
    return {
      block: { type: 'tool-call', id, name, argumentsText: '', form: free ? 'text' : 'json', executedBy: 'client' },
      deltas: [...textDeltas([whole.slice(0, at), whole.slice(at)]), ...(seal ? [{ type: 'sealed' as const, sealed: seal }] : [])],
    }
  })

const hosted = (name: string, argumentsText: string): Block => ({
  type: 'tool-call',
  id: `h_${name}`,
  name,
  argumentsText,
  form: 'json',
  executedBy: 'provider',
})

const otherPlan = fc.constantFrom<Plan>(
  { block: hosted('web-search', '{"query":"weather"}'), deltas: [] },
  { block: hosted('code-execution', ''), deltas: textDeltas(['{"code":', '"print(1)"}']) },
  { block: hosted('mcp', '{}'), deltas: [] },
  { block: { type: 'tool-result', callId: 'h_code-execution', content: [{ type: 'text', text: '1' }], form: 'blocks' }, deltas: [] },
  { block: { type: 'tool-result', callId: 'h_web-search', content: [{ type: 'text', text: 'https://weather.example/' }], form: 'blocks' }, deltas: [] },
  { block: { type: 'foreign', protocol: 'openai-responses', kind: 'widget', value: { id: 'w_1', type: 'widget' } }, deltas: [] },
  { block: { type: 'foreign', protocol: 'elsewhere', kind: 'widget', value: { type: 'widget' } }, deltas: [] },
  { block: { type: 'media', kind: 'audio', source: { type: 'base64', data: 'AAAA' } }, deltas: [] },
  { block: { type: 'media', kind: 'image', mediaType: 'image/png', source: { type: 'base64', data: 'AAAA' } }, deltas: [] },
  { block: { type: 'text', text: 'another alternative' }, deltas: [], candidate: 1 },
)

const plan = fc.oneof(textPlan, reasoningPlan, redactedPlan, refusalPlan, callPlan, otherPlan)
const reason = fc.constantFrom<FinishReason>('stop', 'stop-sequence', 'length', 'context', 'tool-calls', 'pause', 'refusal', 'content-filter', 'other')

/** Legal replies of another vendor whose blocks open and grow side by side. An item of this protocol may stand in them once. */
export const arbitraryEvents: fc.Arbitrary<ReplyEvent[]> = fc
  .record({ plans: fc.array(plan, { maxLength: 6 }), picks: fc.array(fc.nat(), { maxLength: 60 }), reason, output: fc.option(fc.nat({ max: 1000 })) })
  .map(({ plans, picks, reason, output }) => [
    { type: 'reply-start', model: 'other-model', created: 1_700_000_000 },
    ...interleave(oneWidget(plans), picks),
    ...(output === null ? [] : [{ type: 'usage' as const, usage: { inputUncached: 5, output, source: 'measured' as const } }]),
    { type: 'finish', finish: { reason } },
    { type: 'reply-end' },
  ])

function oneWidget(plans: readonly Plan[]): Plan[] {
  const isWidget = ({ block }: Plan) => block.type === 'foreign' && block.protocol === 'openai-responses'
  const first = plans.findIndex(isWidget)
  return plans.filter((plan, index) => index === first || !isWidget(plan))
}

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
