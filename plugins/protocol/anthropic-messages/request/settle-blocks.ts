import { type Block, isJsonObject, type Json, type JsonObject, type LossSink } from 'tokligence'
import { decodeContent } from '../message/decode-block.ts'

/** Blocks of this vendor alone in words and blocks that every protocol has. */
export function settleBlocks(blocks: readonly Block[], path: string, losses: LossSink): Block[] {
  const searches = new Set(blocks.flatMap((block) => (block.type === 'tool-call' && isToolSearch(block) ? [block.id] : [])))
  return blocks.flatMap((block, index) => {
    const at = `${path}[${index}]`
    if (block.type === 'tool-call' && searches.has(block.id)) return []
    if (block.type === 'tool-result' && searches.has(block.callId)) {
      losses.dropped(at, 'tool-search', 'hint', 'All tools are offered.')
      return []
    }
    if (block.type === 'tool-result') return [{ ...block, content: settleBlocks(block.content, `${at}.content`, losses) }]
    return block.type === 'foreign' && isJsonObject(block.value) ? settleForeign(block, block.value, at, losses) : [block]
  })
}

/** The provider searched among the tools that were deferred. */
function isToolSearch({ executedBy, name }: Extract<Block, { type: 'tool-call' }>): boolean {
  return executedBy === 'provider' && name.startsWith('tool_search_tool_')
}

function settleForeign(block: Extract<Block, { type: 'foreign' }>, value: JsonObject, path: string, losses: LossSink): Block[] {
  switch (block.kind) {
    case 'tool_reference':
      // What the client's own search for tools found: the tools themselves come with the next request.
      losses.approximated(path, 'tool-reference', 'hint', 'Told in words.')
      return [{ type: 'text', text: `The tool ${String(value.tool_name)} can be called now.` }]
    case 'search_result':
      reportCitations(value, path, losses)
      losses.approximated(path, 'search-result', 'hint', 'Sent as text.')
      return [{ type: 'text', text: [value.title, value.source].filter((part) => typeof part === 'string').join('\n') }, ...contentOf(value.content, path)]
    case 'document': {
      const { source, title } = value
      const content = isJsonObject(source) && source.type === 'content' ? contentOf(source.content, path) : []
      if (content.length === 0) return [block]
      reportCitations(value, path, losses)
      losses.approximated(path, 'text-document', 'hint', 'Sent as its parts.')
      return [...(typeof title === 'string' ? [{ type: 'text', text: title } as const] : []), ...content]
    }
    default:
      return [block]
  }
}

function contentOf(content: Json | undefined, path: string): Block[] {
  return content === undefined || content === null ? [] : decodeContent(content, `${path}.content`).blocks
}

function reportCitations({ citations }: JsonObject, path: string, losses: LossSink): void {
  if (isJsonObject(citations) && citations.enabled === true) losses.dropped(`${path}.citations`, 'citations', 'semantic', 'None are asked for.')
}
