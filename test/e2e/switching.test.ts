import type { Protocol } from 'tokligence'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type Fields, objects } from '../support/json-fields.ts'
import type { RecordedProtocol } from '../support/recordings.ts'
import { dialects } from './dialects/index.ts'
import { answerTo, gathered, type Speakers, speakers, streamed, thoughtful } from './thoughtful-vendors.ts'
import { ask, callers, pathBetween, requestOn, startVendors, type Vendors } from './vendors.ts'

let gateway: Vendors
let all: Speakers
beforeAll(async () => {
  ;[gateway, all] = await Promise.all([startVendors(), speakers()])
})
afterAll(() => gateway.close())
beforeEach(() => expect(gateway.upstream.refusals).toEqual([]))

/** How each caller asks for thoughts, and opens the conversation. */
const openings: Readonly<Record<RecordedProtocol, { readonly fields: Fields; readonly history: string }>> = {
  'openai-chat': { history: 'messages', fields: { reasoning_effort: 'medium', messages: [{ role: 'user', content: 'Go.' }] } },
  'openai-responses': {
    history: 'input',
    fields: {
      store: false,
      include: ['reasoning.encrypted_content'],
      reasoning: { effort: 'medium', summary: 'auto' },
      input: [{ type: 'message', role: 'user', content: 'Go.' }],
    },
  },
  'anthropic-messages': {
    history: 'messages',
    fields: { max_tokens: 9_000, thinking: { type: 'enabled', budget_tokens: 2_048 }, messages: [{ role: 'user', content: 'Go.' }] },
  },
  gemini: {
    history: 'contents',
    fields: { generationConfig: { thinkingConfig: { includeThoughts: true } }, contents: [{ role: 'user', parts: [{ text: 'Go.' }] }] },
  },
}

const parameters = { type: 'object', properties: {} }
const tools: Readonly<Record<RecordedProtocol, Fields>> = {
  'openai-chat': { tools: [{ type: 'function', function: { name: 'look', parameters } }] },
  'openai-responses': { tools: [{ type: 'function', name: 'look', parameters, strict: false }] },
  'anthropic-messages': { tools: [{ name: 'look', input_schema: parameters }] },
  gemini: { tools: [{ functionDeclarations: [{ name: 'look', parametersJsonSchema: parameters }] }] },
}

/** One turn of a conversation: what the vendor was sent, as JSON text. */
async function turn(caller: RecordedProtocol, vendor: RecordedProtocol, history: readonly Fields[], stream: boolean, number: number) {
  const protocol = all[vendor] as Protocol
  const reply = thoughtful(vendor, number, caller !== vendor)
  gateway.upstream.reply(stream ? { headers: { 'content-type': 'text/event-stream' }, body: streamed(protocol, reply) } : { body: reply })
  const fields = { ...openings[caller].fields, ...tools[caller], [openings[caller].history]: history }
  const answer = await ask(gateway.url, caller, requestOn(pathBetween(caller, vendor), stream, fields))
  const text = await answer.text()
  expect([answer.status, gateway.upstream.refusals], text).toEqual([200, []])
  const told = stream ? gathered(all[caller] as Protocol, text) : (JSON.parse(text) as Fields)
  return { sent: JSON.stringify(gateway.upstream.lastRequest?.json()), next: [...history, ...answerTo(caller, told)] }
}

/** What no vendor may be sent: opaque values that another one gave, and seals of the gateway. */
function foreignValues(vendor: RecordedProtocol): RegExp {
  const others = callers.filter((other) => other !== vendor).map((other) => `${other}-opaque|${Buffer.from(`${other}-opaque`).toString('base64').slice(0, 12)}`)
  return new RegExp(`${others.join('|')}|tkl1|dGtsMS`)
}

/** Vendors that refuse thoughts without their own opaque value: what such thoughts in a request lack. */
function unsigned(vendor: RecordedProtocol, sent: string): readonly Fields[] {
  const { messages, input } = JSON.parse(sent) as Fields
  if (vendor === 'anthropic-messages')
    return objects(messages)
      .flatMap(({ content }) => objects(content))
      .filter(({ type, signature }) => type === 'thinking' && !signature)
  return vendor === 'openai-responses' ? objects(input).filter(({ type, encrypted_content }) => type === 'reasoning' && !encrypted_content) : []
}

const orders = callers.flatMap((first) => callers.filter((other) => other !== first).map((other) => [first, other, first] as const))

describe.each(callers)('a %s caller that changes its provider in one conversation', (caller) => {
  it.each(orders.flatMap((order) => [false, true].map((stream) => [...order, stream] as const)))(
    '%s → %s → %s (stream: %s) has each vendor see its own opaque values again, and no others',
    async (first, second, third, stream) => {
      let history = objects(openings[caller].fields[openings[caller].history])
      let sent = ''
      for (const [number, vendor] of [first, second, third].entries()) {
        const done = await turn(caller, vendor, history, stream, number)
        ;({ sent, next: history } = done)
        expect(sent).not.toMatch(foreignValues(vendor))
        expect(unsigned(vendor, sent)).toEqual([])
      }
      // Chat completions have no opaque values.
      if (first !== 'openai-chat') expect(sent).toMatch(first === 'gemini' ? Buffer.from('gemini-opaque').toString('base64').slice(0, 12) : `${first}-opaque`)
      expect(dialects[third].refuse(JSON.parse(sent) as Fields)).toBeUndefined()
    },
  )
})
