import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Fields } from '../../support/json-fields.ts'
import { ask, pathBetween, startVendors, type Vendors } from '../vendors.ts'

let gateway: Vendors

beforeAll(async () => {
  gateway = await startVendors()
})

afterAll(() => gateway.close())

const grammar = 'start: begin_patch hunk+ end_patch'
const patch = '*** Begin Patch\n*** Update File: a.txt\n-"old"\n+new\\n\n*** End Patch\n'

/** The tools and items of a request of Codex, whatever the model. */
const request: Fields = {
  stream: true,
  store: false,
  include: ['reasoning.encrypted_content'],
  parallel_tool_calls: true,
  tool_choice: 'auto',
  prompt_cache_key: '019c-thread',
  client_metadata: { thread_id: '019c' },
  tools: [
    {
      type: 'function',
      name: 'exec_command',
      description: 'Runs a command.',
      strict: false,
      parameters: { type: 'object', properties: { cmd: { type: 'string' } }, required: ['cmd'], additionalProperties: false },
    },
    { type: 'custom', name: 'apply_patch', description: 'Edits files.', format: { type: 'grammar', syntax: 'lark', definition: grammar } },
    {
      type: 'namespace',
      name: 'mcp__notes',
      description: 'Notes.',
      tools: [
        { type: 'function', name: 'read', strict: false, parameters: { type: 'object', properties: {} } },
        { type: 'function', name: 'write', strict: false, parameters: { type: 'object', properties: {} } },
      ],
    },
  ],
  input: [
    { type: 'message', role: 'developer', content: [{ type: 'input_text', text: 'You are Codex.' }] },
    { type: 'message', role: 'user', content: [{ type: 'input_text', text: 'Patch it.' }] },
    { type: 'function_call', id: 'fc_1', call_id: 'call_1', name: 'read', namespace: 'mcp__notes', arguments: '{}' },
    {
      type: 'function_call_output',
      call_id: 'call_1',
      output: [
        { type: 'input_text', text: 'one' },
        { type: 'input_text', text: 'two' },
      ],
    },
    { type: 'custom_tool_call', id: 'ctc_1', call_id: 'call_2', name: 'apply_patch', input: patch },
    { type: 'custom_tool_call_output', call_id: 'call_2', output: 'Done' },
  ],
}

/** A reply of Anthropic's that calls the patch tool and a tool of the group, as a stream. */
function claudeCalls(patchName: string, readName: string): string {
  const events: Fields[] = [
    {
      type: 'message_start',
      message: {
        id: 'msg_1',
        type: 'message',
        role: 'assistant',
        model: 'm',
        content: [],
        stop_reason: null,
        stop_sequence: null,
        usage: { input_tokens: 9, output_tokens: 1 },
      },
    },
    { type: 'content_block_start', index: 0, content_block: { type: 'tool_use', id: 'toolu_1', name: patchName, input: {} } },
    ...(JSON.stringify({ input: patch }).match(/[\s\S]{1,7}/g) ?? []).map((piece) => ({
      type: 'content_block_delta',
      index: 0,
      delta: { type: 'input_json_delta', partial_json: piece },
    })),
    { type: 'content_block_stop', index: 0 },
    { type: 'content_block_start', index: 1, content_block: { type: 'tool_use', id: 'toolu_2', name: readName, input: {} } },
    { type: 'content_block_delta', index: 1, delta: { type: 'input_json_delta', partial_json: '{"page": 2}' } },
    { type: 'content_block_stop', index: 1 },
    { type: 'message_delta', delta: { stop_reason: 'tool_use', stop_sequence: null }, usage: { output_tokens: 30 } },
    { type: 'message_stop' },
  ]
  return events.map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`).join('')
}

describe('case 12: Codex’s freeform and grouped tools on Claude', () => {
  const path = pathBetween('openai-responses', 'anthropic-messages')

  it('are all offered, and come back under the names, in the groups and in the form that Codex knows', async () => {
    let offered: readonly { readonly name: string; readonly description?: string }[] = []
    gateway.upstream.reply((sent) => {
      offered = (sent.json() as { readonly tools: typeof offered }).tools
      const [, patchTool, readTool] = offered
      return { headers: { 'content-type': 'text/event-stream' }, body: claudeCalls(String(patchTool?.name), String(readTool?.name)) }
    })
    const reply = await ask(gateway.url, 'openai-responses', { ...request, model: path.model })
    expect([reply.status, gateway.upstream.refusals]).toEqual([200, []])
    expect(offered).toHaveLength(4)
    expect(new Set(offered.map(({ name }) => name)).size).toBe(4)
    expect(offered[1]?.description).toContain(grammar)
    const done = (await reply.text())
      .split('\n')
      .filter((line) => line.startsWith('data: '))
      .map((line) => JSON.parse(line.slice(6)) as { readonly type: string; readonly item?: Fields })
      .flatMap(({ type, item }) => (type === 'response.output_item.done' && item ? [item] : []))
    expect(done).toMatchObject([
      { type: 'custom_tool_call', call_id: 'toolu_1', name: 'apply_patch', input: patch },
      { type: 'function_call', call_id: 'toolu_2', name: 'read', namespace: 'mcp__notes', arguments: '{"page": 2}' },
    ])
  })

  it('send Claude the history of such calls with what they were given and what came of them', async () => {
    gateway.upstream.reply({ headers: { 'content-type': 'text/event-stream' }, body: claudeCalls('apply_patch', 'mcp__notes__read') })
    await (await ask(gateway.url, 'openai-responses', { ...request, model: path.model })).text()
    const { messages, system } = gateway.upstream.lastRequest.json() as { readonly messages: readonly Fields[]; readonly system: unknown }
    const text = JSON.stringify(messages)
    expect(JSON.stringify(system)).toContain('You are Codex.')
    expect(text).toContain(JSON.stringify({ input: patch }).slice(1, -1))
    for (const result of ['one', 'two', 'Done']) expect(text).toContain(`"${result}"`)
  })
})
