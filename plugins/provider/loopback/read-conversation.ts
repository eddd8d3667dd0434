import type { Block, Conversation } from 'tokligence'

/** The text of the last user turn that has any. */
export function lastUserText(conversation: Conversation): string {
  for (const turn of conversation.turns.toReversed()) {
    const text = turn.role === 'user' ? textOf(turn.blocks) : ''
    if (text !== '') return text
  }
  return ''
}

/** What the tools answered since the assistant last spoke, in words; undefined when nothing of the kind is there. */
export function describeToolResults(conversation: Conversation): string | undefined {
  const lines: string[] = []
  for (const turn of conversation.turns.toReversed()) {
    if (turn.role === 'assistant') break
    const results = turn.blocks.filter((block) => block.type === 'tool-result')
    lines.unshift(...results.map((result) => `${result.isError ? 'Error' : 'Result'} of ${toolName(conversation, result.callId)}: ${wordsOf(result.content)}`))
  }
  return lines.length > 0 ? lines.join('\n') : undefined
}

function toolName(conversation: Conversation, callId: string): string {
  for (const turn of conversation.turns) for (const block of turn.blocks) if (block.type === 'tool-call' && block.id === callId) return block.name
  return callId
}

function textOf(blocks: readonly Block[]): string {
  return blocks.flatMap((block) => (block.type === 'text' ? [block.text] : [])).join('\n')
}

function wordsOf(content: readonly Block[]): string {
  return content
    .map((block) => {
      if (block.type === 'text') return block.text
      return block.type === 'media' ? `[${block.kind}]` : `[${block.type}]`
    })
    .join('\n')
}
