import type { Fields } from '../../support/json-fields.ts'
import type { RecordedProtocol } from '../../support/recordings.ts'

/** A conversation in plain words. */
export interface Said {
  readonly system: string
  /** The user and the model take turns. */
  readonly turns: readonly string[]
  /** Names of tools. */
  readonly tools?: readonly string[]
}

const schema = { type: 'object', properties: { place: { type: 'string' } } }
const describing = (name: string) => `${name} tells what stands at a place.`

/** A conversation as callers of a protocol say it. */
export function inWordsOf(protocol: RecordedProtocol, { system, turns, tools = ['look'] }: Said): Fields {
  const role = (index: number, model: string) => (index % 2 === 0 ? 'user' : model)
  switch (protocol) {
    case 'openai-chat':
      return {
        messages: [{ role: 'system', content: system }, ...turns.map((content, index) => ({ role: role(index, 'assistant'), content }))],
        tools: tools.map((name) => ({ type: 'function', function: { name, description: describing(name), parameters: schema } })),
      }
    case 'openai-responses':
      return {
        instructions: system,
        input: turns.map((content, index) => ({ role: role(index, 'assistant'), content })),
        tools: tools.map((name) => ({ type: 'function', name, description: describing(name), parameters: schema, strict: false })),
      }
    case 'anthropic-messages':
      return {
        system,
        messages: turns.map((content, index) => ({ role: role(index, 'assistant'), content })),
        tools: tools.map((name) => ({ name, description: describing(name), input_schema: schema })),
        max_tokens: 500,
      }
    case 'gemini':
      return {
        systemInstruction: { parts: [{ text: system }] },
        contents: turns.map((text, index) => ({ role: role(index, 'model'), parts: [{ text }] })),
        tools: [{ functionDeclarations: tools.map((name) => ({ name, description: describing(name), parametersJsonSchema: schema })) }],
      }
  }
}

/** A text of so many characters that says what it is. */
export function longText(what: string, characters = 400): string {
  return `${what}: `.padEnd(characters, 'so on and so forth, ')
}
