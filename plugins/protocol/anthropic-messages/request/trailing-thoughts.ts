import type { JsonObject, LossSink } from 'tokligence'

/**
 * The vendor answers 400 to a message of the assistant that ends in thoughts ("The final block in an assistant message cannot be `thinking`",
 * github.com/tailcallhq/forgecode/issues/2107), as an answer does that was cut within them. What is left may be nothing.
 */
export function withoutTrailingThoughts(content: readonly JsonObject[], path: string, losses: LossSink): JsonObject[] {
  const end = content.findLastIndex(({ type }) => type !== 'thinking' && type !== 'redacted_thinking') + 1
  for (let index = end; index < content.length; index++)
    losses.dropped(`${path}.content[${index}]`, 'reasoning-seal', 'hint', 'No message of the assistant may end in thoughts.')
  return content.slice(0, end)
}
