import { type Fields, isObject, objects } from './json-fields.ts'

/** One block of a prompt of Anthropic's. */
export interface PromptBlock {
  /** The vendor's name of its place. */
  readonly at: string
  readonly block: Fields
  /** What the prompt cache compares: everything but markers, and in messages who says it. */
  readonly compared: string
  readonly marked: boolean
}

/** The blocks in the order in which the vendor reads them: tools, system text, messages. A text stands for a list of one text block. */
export function promptBlocks({ tools, system, messages }: Fields): readonly PromptBlock[] {
  const spoken = objects(messages).flatMap(({ role, content }, index) =>
    blocksOf(content).map((block, place) => ({ role, block, at: `messages.${index}.content.${place}` })),
  )
  return [
    ...objects(tools).map((tool, index) => promptBlock(`tools.${index}`, tool)),
    ...blocksOf(system).map((block, index) => promptBlock(`system.${index}`, block)),
    ...spoken.map(({ at, block, role }) => promptBlock(at, block, role)),
  ]
}

/** Thoughts have no such field, and an empty text is refused. */
export function canBeMarked({ type, text, defer_loading: deferred }: Fields): boolean {
  return type !== 'thinking' && type !== 'redacted_thinking' && text !== '' && deferred !== true
}

/** The body without its markers. */
export function unmarked(body: unknown): Fields {
  return JSON.parse(JSON.stringify(body), (name, value: unknown) => (name === 'cache_control' ? undefined : value)) as Fields
}

function blocksOf(content: unknown): readonly Fields[] {
  return typeof content === 'string' ? [{ type: 'text', text: content }] : objects(content)
}

function promptBlock(at: string, block: Fields, role?: unknown): PromptBlock {
  return { at, block, compared: JSON.stringify([role, unmarked(block)]), marked: isObject(block.cache_control) }
}
