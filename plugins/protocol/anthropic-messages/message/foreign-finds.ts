import { type Annotation, type Block, type Extensions, isJsonObject, type Json, type LossSink } from 'tokligence'
import { ownFields } from '../wire/extensions.ts'
import { noOpaqueValue } from './citations.ts'

/**
 * The blocks of an assistant’s turn without what another provider found on the web: it was shown to the caller in this protocol’s words, but lacks
 * the opaque values that this protocol’s provider wants back.
 */
export function withoutForeignFinds(blocks: readonly Block[], path: string, losses: LossSink): readonly Block[] {
  const searches = new Set(blocks.flatMap((block) => (block.type === 'tool-result' && isForeignSearch(block.ext) ? [block.callId] : [])))
  return blocks.flatMap((block, index): Block[] => {
    const id = block.type === 'tool-result' ? block.callId : block.type === 'tool-call' ? block.id : undefined
    if (id !== undefined && searches.has(id)) {
      losses.dropped(`${path}[${index}]`, 'hosted-tool', 'hint', 'Another provider ran it.')
      return []
    }
    if (block.type !== 'text' || !block.annotations?.some(isForeignCitation)) return [block]
    losses.dropped(`${path}[${index}].citations`, 'citations', 'hint', 'Another provider cited it.')
    const { annotations, ...rest } = block
    const own = annotations.filter((annotation) => !isForeignCitation(annotation))
    return [own.length === 0 ? rest : { ...rest, annotations: own }]
  })
}

function isForeignSearch(ext: Extensions | undefined): boolean {
  const { content } = ownFields(ext)
  return Array.isArray(content) && content.some((item: Json) => isJsonObject(item) && item.encrypted_content === noOpaqueValue)
}

function isForeignCitation({ value }: Annotation): boolean {
  return isJsonObject(value) && value.encrypted_index === noOpaqueValue
}
