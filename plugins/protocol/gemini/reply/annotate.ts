import type { Annotation, Block, Json } from 'tokligence'
import { citationsOf } from './decode-citations.ts'

/** The blocks with what the candidate's metadata says of them. */
export function withAnnotations(blocks: readonly Block[], grounding: Json | undefined, citations: Json | undefined): readonly Block[] {
  const placed = citationsOf(blocks, grounding, citations)
  if (placed.length === 0) return blocks
  const byBlock = new Map<number, Annotation[]>()
  for (const { block, annotation } of placed) {
    const known = byBlock.get(block)
    if (known) known.push(annotation)
    else byBlock.set(block, [annotation])
  }
  return blocks.map((block, index) => {
    const annotations = byBlock.get(index)
    return annotations && block.type === 'text' ? { ...block, annotations } : block
  })
}
