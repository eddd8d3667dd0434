import type { Block, Reply, ReplyEvent } from 'tokligence'

/** The events that stream a reply: texts word by word, arguments in small pieces. Lazy, because a reply may be long. */
export function* streamEvents(reply: Reply): Generator<ReplyEvent> {
  const { candidates, usage, ...start } = reply
  yield { type: 'reply-start', ...start }
  let index = 0
  for (const { blocks } of candidates)
    for (const block of blocks) {
      yield* blockEvents(block, index)
      index++
    }
  if (usage) yield { type: 'usage', usage }
  for (const { finish } of candidates) yield { type: 'finish', finish }
  yield { type: 'reply-end' }
}

function* blockEvents(block: Block, index: number): Generator<ReplyEvent> {
  if (block.type === 'text' || block.type === 'refusal') {
    yield { type: 'block-start', index, block: { ...block, text: '' } }
    yield* textEvents(block.text, /\S+\s*|\s+/g, index)
  } else if (block.type === 'reasoning') {
    const { sealed, ...open } = block
    yield { type: 'block-start', index, block: { ...open, text: '' } }
    yield* textEvents(block.text, /\S+\s*|\s+/g, index)
    if (sealed) yield { type: 'block-delta', index, delta: { type: 'sealed', sealed } }
  } else if (block.type === 'tool-call') {
    yield { type: 'block-start', index, block: { ...block, argumentsText: '' } }
    yield* textEvents(block.argumentsText, /[\s\S]{1,8}/gu, index)
  } else {
    yield { type: 'block-start', index, block }
  }
  yield { type: 'block-end', index }
}

function* textEvents(text: string, pieces: RegExp, index: number): Generator<ReplyEvent> {
  for (const [piece] of text.matchAll(pieces)) yield { type: 'block-delta', index, delta: { type: 'text', text: piece } }
}
