import { type Annotation, type Block, isJsonObject, type LossSink, noOpaqueValue } from 'tokligence'
import { isForeignHostedId } from './hosted-call.ts'

/**
 * The blocks of an assistant’s turn without what the tools of another provider were asked and found: it was shown to the caller in this protocol’s
 * words, but this protocol’s provider never made those calls, and wants opaque values back that are not there.
 */
export function withoutForeignFinds(blocks: readonly Block[], path: string, losses: LossSink): readonly Block[] {
  return blocks.flatMap((block, index): Block[] => {
    const id = block.type === 'tool-result' ? block.callId : block.type === 'tool-call' ? block.id : undefined
    if (id !== undefined && isForeignHostedId(id)) {
      losses.dropped(`${path}[${index}]`, 'hosted-tool', 'semantic', 'Another provider ran it.')
      return []
    }
    if (block.type !== 'text' || !block.annotations?.some(isForeignCitation)) return [block]
    losses.dropped(`${path}[${index}].citations`, 'citations', 'hint', 'Another provider cited it.')
    const { annotations, ...rest } = block
    const own = annotations.filter((annotation) => !isForeignCitation(annotation))
    return [own.length === 0 ? rest : { ...rest, annotations: own }]
  })
}

function isForeignCitation({ value }: Annotation): boolean {
  return isJsonObject(value) && value.encrypted_index === noOpaqueValue
}
