import type { Loss } from 'tokligence'
import { anthropic, gemini, models, openai, protocols as protocolPlugins, translations } from 'tokligence/plugins'
import { createHarness, type Harness, type MemoryLedgerPlugin, memoryLedger, type ScriptedUpstream, startScriptedUpstream } from 'tokligence/testing'
import type { Fields } from '../support/json-fields.ts'
import { type ProtocolName, protocols, type ReplyFeature, type RequestFeature } from './feature.ts'
import { message, reply } from './reply-shape.ts'

/** Facts of a model as the option of the plugin takes them. */
export type GivenFacts = NonNullable<NonNullable<Parameters<typeof models>[0]>['facts']>[string]

/** What became of one feature in one direction. `silent` is a fault. */
export interface Finding {
  readonly outcome: 'carried' | 'approximated' | 'lost' | 'silent' | 'refused'
  /** Losses beyond those of the smallest request, as `feature action (severity)`. */
  readonly losses: readonly string[]
}

const smallestRequests: Readonly<Record<ProtocolName, Fields>> = {
  'openai-chat': { messages: [{ role: 'user', content: 'Hi' }] },
  'openai-responses': { input: 'Hi' },
  'anthropic-messages': { messages: [{ role: 'user', content: 'Hi' }], max_tokens: 1_000 },
  gemini: { contents: [{ role: 'user', parts: [{ text: 'Hi' }] }] },
}

const smallestReplies: Readonly<Record<ProtocolName, Fields>> = {
  'openai-chat': reply('openai-chat', { content: 'Hi' }),
  'openai-responses': reply('openai-responses', [message('Hi')]),
  'anthropic-messages': reply('anthropic-messages', [{ type: 'text', text: 'Hi' }]),
  gemini: reply('gemini', [{ text: 'Hi' }]),
}

/** Asks a gateway in every direction and looks at what its providers and its callers get. */
export class Meter {
  readonly #upstream: ScriptedUpstream
  readonly #ledger: MemoryLedgerPlugin
  readonly #harness: Harness
  static async start(facts: GivenFacts = {}): Promise<Meter> {
    const answers = { current: {} as Fields }
    const upstream = await startScriptedUpstream(() => ({ body: answers.current }))
    const ledger = memoryLedger()
    const base = { apiKey: 'sk-own' }
    const harness = await createHarness({
      plugins: [
        protocolPlugins(),
        translations(),
        openai({ ...base, id: 'openai-responses', baseUrl: `${upstream.url}/v1`, protocols: ['openai-responses'] }),
        openai({ ...base, id: 'openai-chat', baseUrl: `${upstream.url}/v1`, protocols: ['openai-chat'] }),
        anthropic({ ...base, id: 'anthropic-messages', baseUrl: upstream.url }),
        gemini({ ...base, id: 'gemini', baseUrl: upstream.url }),
        models({ facts: { 'fidelity*': facts } }),
        ledger,
      ],
    })
    return new Meter(upstream, ledger, harness, answers)
  }

  private constructor(upstream: ScriptedUpstream, ledger: MemoryLedgerPlugin, harness: Harness, answers: { current: Fields }) {
    this.#upstream = upstream
    this.#ledger = ledger
    this.#harness = harness
    this.#answers = answers
  }

  readonly #answers: { current: Fields }

  async request(feature: RequestFeature, from: ProtocolName, to: ProtocolName): Promise<Finding | undefined> {
    const said = feature.said[from]
    if (!said) return undefined
    this.#answers.current = smallestReplies[to]
    const usual = await this.#ask(from, to, smallestRequests[from])
    const asked = await this.#ask(from, to, { ...smallestRequests[from], ...said })
    const losses = beyond(asked.losses, usual.losses)
    if (asked.status !== 200) return { outcome: 'refused', losses: [String(asked.answer).slice(0, 200)] }
    return judged(feature.heard[to]?.(asked.body) === true, losses)
  }

  async reply(feature: ReplyFeature, from: ProtocolName, to: ProtocolName): Promise<Finding | undefined> {
    const said = feature.said[to]
    if (!said) return undefined
    const question = { ...smallestRequests[from], ...feature.asked?.[from] }
    this.#answers.current = smallestReplies[to]
    const usual = await this.#ask(from, to, question)
    this.#answers.current = said
    const answered = await this.#ask(from, to, question)
    const losses = beyond(answered.losses, usual.losses)
    if (answered.status !== 200) return { outcome: 'refused', losses: [answered.answer.slice(0, 200)] }
    return judged(feature.heard[from]?.(JSON.parse(answered.answer) as Fields) === true, losses)
  }

  async close(): Promise<void> {
    await this.#harness.close()
    await this.#upstream.close()
  }

  async #ask(from: ProtocolName, to: ProtocolName, fields: Fields): Promise<{ status: number; answer: string; body: Fields; losses: readonly Loss[] }> {
    const model = `${to}/fidelity`
    const url =
      from === 'gemini'
        ? `/v1beta/models/${model}:generateContent`
        : { 'openai-chat': '/v1/chat/completions', 'openai-responses': '/v1/responses', 'anthropic-messages': '/v1/messages' }[from]
    const response = await fetch(this.#harness.url + url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(from === 'gemini' ? fields : { model, ...fields }),
    })
    const answer = await response.text()
    const body = response.status === 200 ? (this.#upstream.lastRequest.json() as Fields) : {}
    return { status: response.status, answer, body, losses: this.#ledger.records().at(-1)?.losses ?? [] }
  }
}

function judged(heard: boolean, losses: readonly string[]): Finding {
  if (heard) return { outcome: losses.length === 0 ? 'carried' : 'approximated', losses }
  return { outcome: losses.length === 0 ? 'silent' : 'lost', losses }
}

function beyond(losses: readonly Loss[], usual: readonly Loss[]): string[] {
  const known = new Set(usual.map((loss) => `${loss.path} ${loss.feature}`))
  const more = losses.filter((loss) => !known.has(`${loss.path} ${loss.feature}`))
  return [...new Set(more.map(({ feature, action, severity }) => `${feature} ${action} (${severity})`))]
}

/** All directions between two protocols, in the order of the page. */
export const directions = protocols.flatMap((from) => protocols.filter((to) => to !== from).map((to) => ({ from, to })))
