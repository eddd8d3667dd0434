import { type IncomingCall, type JsonObject, LossSink, type Protocol, type SealIssuer, viaConversation } from 'tokligence'
import { protocols, seals } from 'tokligence/plugins'
import { describe, expect, it } from 'vitest'
import { setUp } from '../set-up.ts'

const many = 40_000
const times = <T>(make: (index: number) => T): T[] => Array.from({ length: many }, (_, index) => make(index))

const chat = (...messages: readonly JsonObject[]): JsonObject => ({ model: 'm', messages: [{ role: 'user', content: 'go' }, ...messages] })
const messages = (more: JsonObject, ...turns: readonly JsonObject[]): JsonObject => ({
  model: 'm',
  max_tokens: 9,
  messages: [{ role: 'user', content: 'go' }, ...turns],
  ...more,
})
const call = { id: 'c', type: 'function', function: { name: 'f', arguments: '{}' } }
const named = (index: number) => ({ type: 'function', function: { name: `f${index}` } })

const requests: Readonly<Record<string, readonly [from: string, body: () => JsonObject]>> = {
  'calls of tools that nobody offers': [
    'openai-chat',
    () =>
      chat({
        role: 'assistant',
        content: null,
        tool_calls: times((index) => ({ ...call, id: `c${index}`, function: { name: `f${index}`, arguments: '{}' } })),
      }),
  ],
  'seals beside calls': [
    'openai-chat',
    () =>
      chat({
        role: 'assistant',
        content: null,
        reasoning_details: times((index) => ({ type: 'reasoning.encrypted', data: 'tkl1.x', id: `c${index}`, index })),
        tool_calls: times((index) => ({ ...call, id: `c${index}` })),
      }),
  ],
  'thoughts between words, and behind calls': [
    'openai-chat',
    () =>
      chat({
        role: 'assistant',
        content: 'word '.repeat(many),
        reasoning_details: times((index) => ({
          type: 'reasoning.encrypted',
          data: 'tkl1.x',
          id: null,
          index,
          after: index % 2 === 0 ? index * 5 + 1 : `c${index}`,
        })),
        tool_calls: times((index) => ({ ...call, id: `c${index}` })),
      }),
  ],
  'tools of which all may be called': [
    'openai-chat',
    () => ({ ...chat(), tools: times(named), tool_choice: { type: 'allowed_tools', allowed_tools: { mode: 'auto', tools: times(named) } } }),
  ],
  'turns of the assistant behind a call': [
    'anthropic-messages',
    () =>
      messages(
        {},
        { role: 'assistant', content: [{ type: 'tool_use', id: 'c', name: 'f', input: {} }] },
        ...times(() => ({ role: 'assistant', content: 'a' })),
      ),
  ],
  'servers of tools': [
    'anthropic-messages',
    () =>
      messages({
        tools: times((index) => ({ type: 'mcp_toolset', mcp_server_name: `s${index}` })),
        mcp_servers: times((index) => ({ type: 'url', name: `s${index}`, url: 'https://s.test' })),
      }),
  ],
  'groups of tools, and calls of others': [
    'openai-responses',
    () => ({
      model: 'm',
      input: times((index) => ({ type: 'function_call', call_id: `c${index}`, name: `g${index}`, arguments: '{}' })),
      tools: times((index) => ({ type: 'namespace', name: `n${index}`, tools: [{ type: 'function', name: 'f', parameters: {} }] })),
    }),
  ],
}

describe('a very long request', () => {
  it.each(Object.entries(requests))('with %s is translated in no time that grows with its square', async (_title, [from, body]) => {
    const all = await Promise.all(protocols().map((plugin) => setUp<Protocol>(plugin)))
    const issuer = await setUp<SealIssuer>(seals({ key: Buffer.alloc(32, 8).toString('base64') }))
    const caller = all.find(({ id }) => id === from) as Protocol
    const given = body()
    for (const provider of all) {
      const begin = process.cpuUsage()
      const conversation = caller.decodeRequest(given, {} as IncomingCall)
      viaConversation(caller, provider)
        .open()
        .encodeRequest(conversation, { losses: new LossSink(), facts: {}, seals: issuer.keeperFor('p', 'a', provider.id) })
      const { user } = process.cpuUsage(begin)
      // The square of their number takes ten times as long. The machine may be busy with something else: microseconds of this process count.
      expect(user, provider.id).toBeLessThan(2_500_000)
    }
  })
})
