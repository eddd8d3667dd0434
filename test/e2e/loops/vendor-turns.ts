import { createHash } from 'node:crypto'
import type { JsonObject } from 'tokligence'
import type { RecordedProtocol } from '../../support/recordings.ts'

export interface TurnOptions {
  /** The least length of an opaque value in bytes; 0 when absent. */
  readonly opaqueBytes?: number
  /** Vendors that can think between two calls do. */
  readonly between?: boolean
  /** What every reply says that it has read; 1 when absent. */
  readonly inputTokens?: number
}

/** A tool and what it is called with. */
export interface VendorCall {
  readonly name: string
  readonly input: JsonObject
}

/**
 * A reply that thinks and calls `look` and `count` at once. What it thinks changes from turn to turn: readable and hidden thoughts, hidden ones
 * alone, several readable ones; and whether words stand before the calls.
 */
export function callTurn(protocol: RecordedProtocol, number: number, owner: string, options: TurnOptions = {}): JsonObject {
  const input = { turn: number, owner: keyOf(owner, number) }
  const calls = ['look', 'count'].map((name) => ({ name, input }))
  return turnOf(protocol, number, owner, calls, options)
}

/** The same with other calls. */
export function turnOf(protocol: RecordedProtocol, number: number, owner: string, calls: readonly VendorCall[], options: TurnOptions = {}): JsonObject {
  const kind = number % 3
  const thoughts = [kind !== 1 && 'readable', kind === 2 && 'another', kind !== 2 && 'hidden'].filter((name) => name !== false)
  return reply(protocol, number, owner, { thoughts, text: kind === 1 ? undefined : `Step ${number}.`, calls }, options)
}

/** The reply that ends the loop. */
export function finalTurn(protocol: RecordedProtocol, number: number, owner: string, options: TurnOptions = {}, text = `Done after ${number}.`): JsonObject {
  return reply(protocol, number, owner, { thoughts: ['readable'], text, calls: [] }, options)
}

function keyOf(owner: string, number: number): string {
  return createHash('sha256').update(`${owner} ${number}`).digest('hex').slice(0, 12)
}

interface Content {
  /** Those that are `hidden` have no words. */
  readonly thoughts: readonly string[]
  readonly text: string | undefined
  readonly calls: readonly VendorCall[]
}

const usages: Readonly<Record<RecordedProtocol, (input: number) => JsonObject>> = {
  'openai-chat': (input) => ({ prompt_tokens: input, completion_tokens: 1, total_tokens: input + 1 }),
  'openai-responses': (input) => ({ input_tokens: input, output_tokens: 1, total_tokens: input + 1 }),
  'anthropic-messages': (input) => ({ input_tokens: input, output_tokens: 1 }),
  gemini: (input) => ({ promptTokenCount: input, candidatesTokenCount: 1, totalTokenCount: input + 1 }),
}

function reply(protocol: RecordedProtocol, number: number, owner: string, { thoughts, text, calls }: Content, options: TurnOptions): JsonObject {
  const key = keyOf(owner, number)
  const { opaqueBytes = 0, between = false, inputTokens = 1 } = options
  const opaque = (name: string) => {
    const filling = createHash('shake256', { outputLength: opaqueBytes }).update(name).digest()
    return Buffer.concat([Buffer.from(`${owner} ${number} ${name} ${key}`), filling]).toString('base64')
  }
  const words = (name: string) => `${protocol} thought ${number}, ${name}`
  const usage = usages[protocol](inputTokens)
  switch (protocol) {
    case 'openai-chat': {
      // OpenRouter's form: openrouter.ai/docs, "Preserving Reasoning Blocks".
      const details = thoughts.map((name, index) =>
        name === 'hidden'
          ? { type: 'reasoning.encrypted', data: opaque(name), id: `r_${key}_${index}`, format: 'host-v1', index }
          : { type: 'reasoning.text', text: words(name), signature: opaque(name), format: 'host-v1', index },
      )
      const shown = thoughts.filter((name) => name !== 'hidden').map(words)
      const made = calls.map(({ name, input }, index) => ({
        id: `call_${key}_${index}`,
        type: 'function',
        function: { name, arguments: JSON.stringify(input) },
      }))
      const message = {
        role: 'assistant',
        content: text ?? null,
        ...(shown.length > 0 && { reasoning: shown.join('') }),
        reasoning_details: details,
        ...(made.length > 0 && { tool_calls: made }),
      }
      const finish = made.length > 0 ? 'tool_calls' : 'stop'
      return { id: `chatcmpl-${key}`, object: 'chat.completion', created: 1, model: 'm', choices: [{ index: 0, message, finish_reason: finish }], usage }
    }
    case 'openai-responses': {
      const output = [
        ...thoughts.map((name) => ({
          type: 'reasoning',
          id: `rs_${key}_${name}`,
          summary: name === 'hidden' ? [] : [{ type: 'summary_text', text: words(name) }],
          encrypted_content: opaque(name),
        })),
        ...(text === undefined
          ? []
          : [{ type: 'message', id: `msg_${key}`, role: 'assistant', status: 'completed', content: [{ type: 'output_text', text, annotations: [] }] }]),
        ...calls.map(({ name, input }, index) => ({
          type: 'function_call',
          id: `fc_${key}_${index}`,
          call_id: `call_${key}_${index}`,
          name,
          arguments: JSON.stringify(input),
          status: 'completed',
        })),
      ]
      if (between && calls.length > 0) output.splice(-1, 0, { type: 'reasoning', id: `rs_${key}_between`, summary: [], encrypted_content: opaque('between') })
      return { id: `resp_${key}`, object: 'response', created_at: 1, status: 'completed', model: 'm', output, usage }
    }
    case 'anthropic-messages': {
      const content = [
        ...thoughts.map((name) =>
          name === 'hidden' ? { type: 'redacted_thinking', data: opaque(name) } : { type: 'thinking', thinking: words(name), signature: opaque(name) },
        ),
        ...(text === undefined ? [] : [{ type: 'text', text }]),
        ...calls.map(({ name, input }, index) => ({ type: 'tool_use', id: `toolu_${key}_${index}`, name, input })),
      ]
      if (between && calls.length > 0) content.splice(-1, 0, { type: 'thinking', thinking: words('between'), signature: opaque('between') })
      const stop = calls.length > 0 ? 'tool_use' : 'end_turn'
      return { id: `msg_${key}`, type: 'message', role: 'assistant', model: 'm', content, stop_reason: stop, stop_sequence: null, usage }
    }
    case 'gemini': {
      // The first of parallel calls is signed, and the last part of a reply without calls: ai.google.dev, "Thought signatures".
      const ids = number % 2 === 0
      const parts = [
        ...thoughts.filter((name) => name !== 'hidden').map((name) => ({ text: words(name), thought: true })),
        ...(text === undefined ? [] : [{ text, ...(calls.length === 0 && { thoughtSignature: opaque('text') }) }]),
        ...calls.map(({ name, input }, index) => ({
          functionCall: { ...(ids && { id: `fn_${key}_${index}` }), name, args: input },
          ...(index === 0 && { thoughtSignature: opaque(name) }),
        })),
      ]
      return {
        candidates: [{ content: { role: 'model', parts }, finishReason: 'STOP', index: 0 }],
        usageMetadata: usage,
        modelVersion: 'm',
        responseId: `r${key}`,
      }
    }
  }
}
