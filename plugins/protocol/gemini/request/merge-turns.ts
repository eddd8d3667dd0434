import { type Block, isEmpty, type JsonObject, type ReasoningBlock, type TextBlock, type Turn } from 'tokligence'
import { protocolId, recall } from '../wire/wire-memo.ts'

/** Clients keep each chunk of a streamed answer as a content of its own, and put the results of parallel calls into one each. */
export function mergeTurns(turns: readonly Turn[]): Turn[] {
  const groups: Turn[][] = []
  for (const turn of turns) {
    const last = groups.at(-1)
    if (last?.[0]?.role === turn.role) last.push(turn)
    else groups.push([turn])
  }
  return groups.map((group) => withJoinedPieces(group.length === 1 ? withoutSpelling(group[0] as Turn) : mergedTurn(group as [Turn, ...Turn[]])))
}

function mergedTurn(group: readonly [Turn, ...Turn[]]): Turn {
  const fields = Object.assign({}, ...group.map((turn) => recall(turn).fields)) as JsonObject
  return { role: group[0].role, form: 'blocks', blocks: group.flatMap(({ blocks }) => blocks), ...(!isEmpty(fields) && { ext: { [protocolId]: fields } }) }
}

/** How a role was spelled means nothing elsewhere. */
function withoutSpelling(turn: Turn): Turn {
  const { ext: _, ...bare } = turn
  const { fields } = recall(turn)
  return isEmpty(fields) ? bare : { ...bare, ext: { [protocolId]: fields } }
}

/** What the model said in pieces as it would have been said whole, so that no cut of a stream shows. */
function withJoinedPieces(turn: Turn): Turn {
  if (turn.role !== 'assistant') return turn
  const blocks: Block[] = []
  for (const block of turn.blocks) {
    const last = blocks.at(-1)
    if (last && isPiece(last) && isPiece(block) && last.type === block.type) blocks[blocks.length - 1] = { ...last, text: last.text + block.text }
    // The last chunk of a stream may have nothing but an empty text.
    else if (isPiece(block) && block.text === '' && turn.blocks.length > 1) continue
    // A stream shows thoughts piece by piece, and their seal holds them whole.
    else if (last && isPiece(last) && block.type === 'reasoning' && last.type === 'reasoning' && last.text === block.text) blocks[blocks.length - 1] = block
    else blocks.push(block)
  }
  return { ...turn, blocks: blocks.length > 0 ? blocks : turn.blocks.slice(0, 1) }
}

/** A text or thoughts that say nothing but their words. */
function isPiece(block: Block): block is TextBlock | ReasoningBlock {
  return (block.type === 'text' || block.type === 'reasoning') && !block.sealed && Object.values(recall(block).fields).every((value) => value === null)
}
