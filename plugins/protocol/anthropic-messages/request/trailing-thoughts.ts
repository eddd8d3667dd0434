import type { JsonObject, LossSink } from 'tokligence'

/** A block as it is sent, and where it stood in the caller's conversation. */
export interface WrittenBlock {
  readonly wire: JsonObject
  readonly path: string
}

/**
 * The vendor answers 400 to a message of the assistant that ends in thoughts ("The final block in an assistant message cannot be `thinking`",
 * github.com/tailcallhq/forgecode/issues/2107), as an answer does that was cut within them. What is left may be nothing.
 */
export function withoutTrailingThoughts(content: readonly WrittenBlock[], losses: LossSink): readonly WrittenBlock[] {
  const end = content.findLastIndex(({ wire }) => wire.type !== 'thinking' && wire.type !== 'redacted_thinking') + 1
  for (const { path } of content.slice(end)) losses.dropped(path, 'reasoning-seal', 'hint', 'No message of the assistant may end in thoughts.')
  return content.slice(0, end)
}
