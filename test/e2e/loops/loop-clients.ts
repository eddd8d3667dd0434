import { geminiClient } from '../../support/gemini-reading.ts'
import { type Fields, isObject, objects } from '../../support/json-fields.ts'
import type { RecordedProtocol } from '../../support/recordings.ts'
import { anthropicClient, openaiClient } from '../../support/sdk-readings.ts'

export interface MadeCall {
  readonly id: unknown
  readonly name: string
  readonly input: Fields
}

export interface ClientTurn {
  readonly calls: readonly MadeCall[]
  /** What the client adds to its history. */
  readonly said: readonly Fields[]
}

/** An agent on a vendor's official client, which sends back all that it was given. */
export interface LoopClient {
  readonly question: Fields
  ask(url: string, model: string, history: readonly Fields[], stream: boolean): Promise<ClientTurn>
  results(calls: readonly MadeCall[]): readonly Fields[]
}

const names = ['look', 'count']
const schema = { type: 'object' as const, properties: { turn: { type: 'integer' }, owner: { type: 'string' } } }
const found = ({ name, input }: MadeCall) => `${name} of ${String(input.turn)}`

const chat: LoopClient = {
  question: { role: 'user', content: 'Go.' },
  async ask(url, model, messages, stream) {
    const tools = names.map((name) => ({ type: 'function', function: { name, parameters: schema } }))
    const body = { model, messages, tools, reasoning_effort: 'medium', stream } as never
    const answer = (await openaiClient(url).chat.completions.create(body)) as unknown
    const message = stream ? await joined(answer as AsyncIterable<Fields>) : (objects((answer as Fields).choices)[0]?.message as Fields)
    const calls = objects(message.tool_calls).map(({ id, function: made }) => {
      const { name, arguments: text } = made as Fields
      return { id, name: String(name), input: JSON.parse(String(text)) as Fields }
    })
    return { calls, said: [message] }
  },
  results: (calls) => calls.map((call) => ({ role: 'tool', tool_call_id: call.id, content: found(call) })),
}

/** The client's own accumulator keeps the last piece alone of fields that its types do not know; agents that know them join the pieces. */
async function joined(chunks: AsyncIterable<Fields>): Promise<Fields> {
  const texts = { content: '', reasoning: '', reasoning_content: '' }
  const details: unknown[] = []
  const calls: { id?: unknown; type: 'function'; function: { name: string; arguments: string } }[] = []
  for await (const { choices } of chunks) {
    const delta = objects(choices)[0]?.delta
    if (!isObject(delta)) continue
    for (const name of ['content', 'reasoning', 'reasoning_content'] as const) if (typeof delta[name] === 'string') texts[name] += delta[name]
    details.push(...objects(delta.reasoning_details))
    for (const { index, id, function: piece } of objects(delta.tool_calls)) {
      calls[Number(index)] ??= { type: 'function', function: { name: '', arguments: '' } }
      const call = calls[Number(index)] as (typeof calls)[number]
      if (id !== undefined) call.id = id
      const { name = '', arguments: text = '' } = (piece ?? {}) as Fields
      call.function.name += String(name)
      call.function.arguments += String(text)
    }
  }
  return {
    role: 'assistant',
    content: texts.content === '' ? null : texts.content,
    ...(texts.reasoning !== '' && { reasoning: texts.reasoning }),
    ...(texts.reasoning_content !== '' && { reasoning_content: texts.reasoning_content }),
    ...(details.length > 0 && { reasoning_details: details }),
    ...(calls.length > 0 && { tool_calls: calls }),
  }
}

const responses: LoopClient = {
  question: { role: 'user', content: 'Go.' },
  async ask(url, model, input, stream) {
    const tools = names.map((name) => ({ type: 'function', name, parameters: schema, strict: false }))
    const thinking = { reasoning: { effort: 'medium', summary: 'auto' }, include: ['reasoning.encrypted_content'] }
    const body = { model, input, tools, store: false, ...thinking } as never
    const client = openaiClient(url).responses
    const answer = (stream ? await client.stream(body).finalResponse() : await client.create(body)) as unknown as Fields
    // The client adds what the vendor does not take back.
    const said = objects(answer.output).map(({ parsed_arguments: _, ...item }) => item)
    const calls = said.filter(({ type }) => type === 'function_call')
    return {
      calls: calls.map(({ call_id, name, arguments: text }) => ({ id: call_id, name: String(name), input: JSON.parse(String(text)) as Fields })),
      said,
    }
  },
  results: (calls) => calls.map((call) => ({ type: 'function_call_output', call_id: call.id, output: found(call) })),
}

const messages: LoopClient = {
  question: { role: 'user', content: 'Go.' },
  async ask(url, model, history, stream) {
    const tools = names.map((name) => ({ name, input_schema: schema }))
    const body = { model, max_tokens: 9_000, thinking: { type: 'enabled', budget_tokens: 2_048 }, messages: history, tools } as never
    const client = anthropicClient(url).messages
    const answer = (stream ? await client.stream(body).finalMessage() : await client.create(body)) as unknown as Fields
    const calls = objects(answer.content).filter(({ type }) => type === 'tool_use')
    return {
      calls: calls.map(({ id, name, input }) => ({ id, name: String(name), input: input as Fields })),
      said: [{ role: 'assistant', content: answer.content }],
    }
  },
  results: (calls) => [{ role: 'user', content: calls.map((call) => ({ type: 'tool_result', tool_use_id: call.id, content: found(call) })) }],
}

/** With the client's own record of the conversation: of a stream it keeps one content for each chunk. */
const contents: LoopClient = {
  question: { role: 'user', parts: [{ text: 'Go.' }] },
  async ask(url, model, history, stream) {
    const tools = [{ functionDeclarations: names.map((name) => ({ name, parametersJsonSchema: schema })) }]
    const config = { tools, thinkingConfig: { includeThoughts: true } }
    const session = geminiClient(url).chats.create({ model, history: history.slice(0, -1) as never, config })
    const message = history.at(-1)?.parts as never
    if (stream) for await (const _ of await session.sendMessageStream({ message }));
    else await session.sendMessage({ message })
    const said = objects(session.getHistory()).slice(history.length)
    const calls = said.flatMap(({ parts }) => objects(parts)).flatMap(({ functionCall }) => (isObject(functionCall) ? [functionCall] : []))
    return { calls: calls.map(({ id, name, args }) => ({ id, name: String(name), input: args as Fields })), said }
  },
  results: (calls) => [
    {
      role: 'user',
      parts: calls.map((call) => ({
        functionResponse: { ...(call.id !== undefined && { id: call.id }), name: call.name, response: { output: found(call) } },
      })),
    },
  ],
}

export const loopClients: Readonly<Record<RecordedProtocol, LoopClient>> = {
  'openai-chat': chat,
  'openai-responses': responses,
  'anthropic-messages': messages,
  gemini: contents,
}
