import { type Block, type Candidate, type EncodeReplyOptions, type JsonObject, type Reply, reportForeignFields, type TokenLogprob } from 'tokligence'
import { asksForCompaction, compacted } from '../item/compaction.ts'
import { withLogprobs } from '../item/encode-message.ts'
import { encodeOutputItems } from '../item/encode-output-items.ts'
import { type ItemContext, itemIds } from '../item/item-context.ts'
import { protocolId } from '../wire/wire-memo.ts'
import { ResponseWriter } from './encode-response.ts'
import { encodeFinish, saidIn } from './finish.ts'

export function encodeReply(reply: Reply, options: EncodeReplyOptions): JsonObject {
  const { losses, conversation, replyId } = options
  const writer = new ResponseWriter(reply, options)
  const { native } = writer
  const [candidate = empty, ...others] = reply.candidates
  if (others.length > 0) losses.dropped('candidates', 'candidates', 'semantic', 'Only the first alternative is written.')
  reportForeignFields(candidate, '', losses, protocolId)
  const ending = native ? undefined : encodeFinish(candidate.finish, saidIn(candidate.blocks), losses)
  const context: ItemContext = { use: 'reply', native, conversation, losses, newId: itemIds(replyId) }
  const said = !native && asksForCompaction(conversation) ? { ...candidate, blocks: compacted(candidate.blocks, replyId, losses) } : candidate
  const blocks = native ? candidate.blocks : withTokens(said, options)
  const output = encodeOutputItems(
    blocks.map((block, index) => [block, `content[${index}]`]),
    context,
    ending === undefined || ending.status === 'completed' ? undefined : 'incomplete',
  )
  return writer.ended(output, reply.usage, ending)
}

const empty: Candidate = { blocks: [], finish: { reason: 'other' } }

/** Log probabilities stand at the text that they are for. */
function withTokens({ blocks, logprobs, tokens }: Candidate, { losses }: EncodeReplyOptions): readonly Block[] {
  if (tokens === undefined || !blocks.some((block) => block.type === 'text')) {
    if (logprobs !== undefined && logprobs !== null) losses.dropped('logprobs', 'logprobs', 'semantic')
    return blocks
  }
  const waiting = [...tokens]
  const last = blocks.findLastIndex((block) => block.type === 'text')
  return blocks.map((block, index) => {
    if (block.type !== 'text') return block
    const own = index === last ? waiting.splice(0) : takeTokens(waiting, block.text.length)
    return own.length === 0 ? block : withLogprobs(block, own)
  })
}

function takeTokens(waiting: TokenLogprob[], length: number): TokenLogprob[] {
  const taken: TokenLogprob[] = []
  for (let covered = 0; covered < length && waiting.length > 0; ) {
    const token = waiting.shift() as TokenLogprob
    covered += token.token.length
    taken.push(token)
  }
  return taken
}
