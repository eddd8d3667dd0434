import type { Block, LossSink, Role, ToolResultBlock } from 'tokligence'
import { adaptMedia } from './adapt-media.ts'

/** Another protocol's block in a form that this one takes, or undefined with a loss reported: the provider answers 400 to the whole request else. */
export function adaptBlock(block: Block, role: Role, path: string, losses: LossSink): Block | undefined {
  switch (block.type) {
    case 'text':
    case 'refusal':
      if (/\S/.test(block.text)) return block
      losses.dropped(path, 'empty-text', 'hint')
      return undefined
    case 'reasoning':
      if (role === 'assistant' && block.sealed) return block
      losses.dropped(path, 'reasoning', 'hint', 'Thoughts are only taken with a signature of the provider itself.')
      return undefined
    case 'media':
      if (role === 'user' || role === 'tool') return adaptMedia(block, path, losses)
      losses.dropped(path, 'media-role', 'semantic', `Media are not taken in a turn of the role ${role}.`)
      return undefined
    case 'tool-result':
      if (role === 'user' || role === 'tool') return adaptResult(block, path, losses)
      losses.dropped(path, 'hosted-tool', 'semantic', `A result stands in a turn of the role ${role}.`)
      return undefined
    case 'tool-call':
      if (block.executedBy === 'provider') losses.dropped(path, 'hosted-tool', 'semantic', 'Another provider ran it.')
      else if (role === 'assistant') return block
      else losses.dropped(path, 'tool-call', 'semantic', `A call stands in a turn of the role ${role}.`)
      return undefined
    case 'foreign':
      return block
  }
}

function adaptResult(block: ToolResultBlock, path: string, losses: LossSink): ToolResultBlock {
  if (block.form !== 'blocks') return block
  const content: Block[] = []
  for (const [index, inner] of block.content.entries()) {
    const adapted = adaptBlock(inner, 'tool', `${path}.content[${index}]`, losses)
    if (adapted) content.push(adapted)
  }
  return { ...block, content, form: content.length === 0 ? 'none' : 'blocks' }
}
