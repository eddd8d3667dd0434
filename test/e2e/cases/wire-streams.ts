import type { ScriptedReply } from 'tokligence/testing'

/** One chunk of a chat completion's stream. */
export function chunk(delta: object, finish: string | null = null): string {
  return `data: ${JSON.stringify({ id: 'chatcmpl-1', object: 'chat.completion.chunk', created: 1, model: 'm', choices: [{ index: 0, delta, logprobs: null, finish_reason: finish }] })}\n\n`
}

export const chatUsage = `data: ${JSON.stringify({ id: 'chatcmpl-1', object: 'chat.completion.chunk', created: 1, model: 'm', choices: [], usage: { prompt_tokens: 90, completion_tokens: 9, total_tokens: 99, prompt_tokens_details: { cached_tokens: 30 } } })}\n\ndata: [DONE]\n\n`

export function chatStream(...deltas: readonly object[]): ScriptedReply {
  return streamed(chunk({ role: 'assistant', content: '' }) + deltas.map((delta) => chunk(delta)).join('') + chunk({}, 'stop') + chatUsage)
}

/** The events of a Response, numbered from 0. */
export function responsesStream(...events: readonly object[]): ScriptedReply {
  const lines = events.map((event, index) => {
    const { type } = event as { readonly type: string }
    return `event: ${type}\ndata: ${JSON.stringify({ ...event, sequence_number: index })}\n\n`
  })
  return streamed(lines.join(''))
}

export function streamed(body: string): ScriptedReply {
  return { headers: { 'content-type': 'text/event-stream; charset=utf-8' }, body }
}

export interface AnthropicEvent {
  readonly type: string
  readonly index?: number
  readonly content_block?: { readonly type: string }
  readonly delta?: { readonly type: string; readonly partial_json?: string; readonly text?: string; readonly thinking?: string }
  readonly message?: { readonly usage: { readonly input_tokens: number } }
  readonly usage?: Readonly<Record<string, number>>
  readonly error?: { readonly type: string; readonly message: string }
}

/** The events of an Anthropic stream, parsed. */
export function anthropicEvents(text: string): AnthropicEvent[] {
  return text
    .split('\n')
    .filter((line) => line.startsWith('data: '))
    .map((line) => JSON.parse(line.slice(6)) as AnthropicEvent)
}

/** What is wrong with the blocks of an Anthropic stream: 0 to n − 1, each opened and closed once, one at a time, with deltas of its own kind. */
export function blockFaults(events: readonly AnthropicEvent[]): string[] {
  const faults: string[] = []
  const kinds: Readonly<Record<string, readonly string[]>> = {
    text: ['text_delta', 'citations_delta'],
    thinking: ['thinking_delta', 'signature_delta'],
    tool_use: ['input_json_delta'],
    redacted_thinking: [],
  }
  let open: { readonly index: number; readonly type: string } | undefined
  let next = 0
  for (const { type, index, content_block: block, delta } of events) {
    if (type === 'content_block_start') {
      if (open) faults.push(`block ${index} opens while ${open.index} is open`)
      if (index !== next) faults.push(`block ${index} opens, ${next} is due`)
      open = { index: next, type: String(block?.type) }
      next++
    } else if (type === 'content_block_delta') {
      if (!open || index !== open.index) faults.push(`a delta for ${index}, which is not open`)
      else if (!kinds[open.type]?.includes(String(delta?.type))) faults.push(`${delta?.type} in a block of ${open.type}`)
    } else if (type === 'content_block_stop') {
      if (index !== open?.index) faults.push(`${index} is closed, which is not open`)
      open = undefined
    }
  }
  if (open) faults.push(`block ${open.index} is not closed`)
  if (events.filter(({ type }) => type === 'message_start').length !== 1) faults.push('not exactly one message_start')
  return faults
}
