import type { Block, LossSink, MediaBlock, TextBlock, ToolResultBlock } from 'tokligence'
import type { PlacedBlock } from '../part/part-context.ts'
import { asText } from './adapt-media.ts'

/**
 * What the third generation takes inside of a response: images and PDFs (docs.cloud.google.com, "Gemini 3 Flash", multimodal function responses), the former
 * in the types that all models read (firebase.google.com/docs/ai-logic/input-file-requirements).
 */
const mediaInside = new Set(['image/png', 'image/jpeg', 'image/webp', 'application/pdf'])

export interface AdaptedResult {
  readonly result: ToolResultBlock
  /** Media that stand behind the results of the turn. */
  readonly beside: readonly PlacedBlock[]
}

/** A result with nothing inside but what the model takes there. */
export function adaptResult(block: ToolResultBlock, path: string, mediaInResults: boolean, losses: LossSink): AdaptedResult {
  if (!block.content.some((inner) => inner.type === 'media')) return { result: block, beside: [] }
  const content: Block[] = []
  const beside: PlacedBlock[] = []
  for (const [index, inner] of block.content.entries()) {
    const at = `${path}.content[${index}]`
    const text = inner.type === 'media' ? asText(inner, at, losses) : undefined
    if (inner.type !== 'media' || text) content.push(text ?? inner)
    else if (mediaInResults && standsInside(inner)) content.push(inner)
    else {
      losses.approximated(at, 'tool-result-media', 'hint', 'It stands behind the results.')
      beside.push([inner, at])
    }
  }
  if (beside.length > 0 && content.length === 0) content.push({ type: 'text', text: 'The result is attached behind the results of the tools.' })
  return { result: { ...block, content, form: 'blocks' }, beside: labelled(block, beside) }
}

function standsInside({ source, mediaType }: MediaBlock): boolean {
  return source.type === 'base64' && mediaType !== undefined && mediaInside.has(mediaType)
}

/** Beside others, it must be told which call a medium belongs to. */
function labelled(block: ToolResultBlock, beside: readonly PlacedBlock[]): readonly PlacedBlock[] {
  const [first] = beside
  if (!first) return beside
  const label: TextBlock = { type: 'text', text: `Attached media from tool result ${block.callId}:` }
  return [[label, first[1]], ...beside]
}
