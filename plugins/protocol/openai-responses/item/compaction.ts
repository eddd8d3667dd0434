import {
  type Block,
  type Conversation,
  type Extensions,
  isGatewaySeal,
  isJsonObject,
  type Json,
  type JsonObject,
  type LossSink,
  type ReplyEvent,
  reportForeignFields,
  sealPrefix,
  type TextBlock,
} from 'tokligence'
import { protocolId, recall } from '../wire/wire-memo.ts'
import { itemIds } from './item-context.ts'
import { loseBesideWords, loseDelta } from './summary-losses.ts'

/**
 * How the gateway's own compactions begin. They hold a summary in words, so that any model can go on with it; they begin like a seal, so that a
 * request that brings one back is read, and the vendor is never sent a value that it cannot open.
 */
const prefix = `${sealPrefix}compaction.`

/** The last item of an agent that wants its history compacted (openai 6.49.0, ResponseInputItem.CompactionTrigger; Codex CLI 0.169.0). */
export const triggerKind = 'compaction_trigger'

/** What a model is told that has no compaction of its own. */
export const compactionRequest =
  'Write a summary of this conversation for a model that goes on with the work and sees nothing else of it. Say what the user wants and how, what was decided and ' +
  'done, which files, names and commands matter, what was found out, and what remains to be done. Answer with the summary alone, and call no tools.'

export function asksForCompaction({ turns }: Pick<Conversation, 'turns'>): boolean {
  const last = turns.at(-1)?.blocks.at(-1)
  return last?.type === 'foreign' && last.protocol === protocolId && last.kind === triggerKind
}

/** The summary in a compaction of the gateway, as it is told to a model; undefined for the vendor's own, and for one that was changed into no text. */
export function summaryOf({ type, encrypted_content: value }: JsonObject): string | undefined {
  if (type !== 'compaction' || typeof value !== 'string' || !value.startsWith(prefix)) return undefined
  const given = value.slice(prefix.length)
  const summary = Buffer.from(given, 'base64url').toString('utf8')
  return summary === '' || encoded(summary) !== given ? undefined : `A summary of the conversation so far:\n\n${summary}`
}

/** True for a compaction that begins as the gateway's own do, and is none: the vendor cannot open it either. */
export function isBroken(block: Block): boolean {
  if (block.type !== 'foreign' || block.kind !== 'compaction' || !isJsonObject(block.value) || summaryOf(block.value) !== undefined) return false
  const { encrypted_content: value } = block.value
  return typeof value === 'string' && isGatewaySeal(value)
}

function encoded(summary: string): string {
  return Buffer.from(summary).toString('base64url')
}

/** The same of a block that was read from an input. */
export function summaryIn(block: Block): string | undefined {
  return block.type === 'foreign' && block.protocol === protocolId && recall(block).memo.kind === 'item' && isJsonObject(block.value)
    ? summaryOf(block.value)
    : undefined
}

/** What another vendor's model wrote as the one item that the agent waits for, behind whatever else there is. The blocks as they are without a word. */
export function compacted(blocks: readonly Block[], replyId: string, losses: LossSink): readonly Block[] {
  const texts = blocks.filter((block): block is TextBlock => block.type === 'text' && block.text !== '')
  if (texts.length === 0) return blocks
  for (const [index, block] of blocks.entries()) if (block.type === 'text') loseBesideWords(block, `content[${index}]`, losses)
  const summary = texts.map(({ text }) => text).join('\n\n')
  return [...blocks.filter(({ type }) => type !== 'text'), compactionBlock(summary, replyId)]
}

/** A text that is kept back. */
interface Held {
  text: string
  readonly path: string
  readonly ext: Extensions | undefined
}

/** The same for a stream: one function per reply. Texts are kept back until the reply is whole. */
export function compactedEvents(replyId: string, losses: LossSink): (event: ReplyEvent) => readonly ReplyEvent[] {
  const held = new Map<number, Held>()
  let blocks = 0
  return (event) => {
    if (event.type === 'block-start' && !event.candidate) {
      const path = `content[${blocks++}]`
      if (event.block.type !== 'text') return [event]
      const { ext, ...block } = event.block
      loseBesideWords(block, path, losses)
      held.set(event.index, { text: block.text, path, ext })
      return []
    }
    if (event.type === 'block-delta' || event.type === 'block-end') {
      const text = held.get(event.index)
      if (!text) return [event]
      if (event.type === 'block-end') reportForeignFields({ ext: event.ext ?? text.ext }, text.path, losses, protocolId)
      else if (event.delta.type === 'text') text.text += event.delta.text
      else loseDelta(event.delta, text.path, losses)
      return []
    }
    if (event.type !== 'reply-end') return [event]
    const texts = [...held.values()].map(({ text }) => text)
    const summary = texts.filter((text) => text !== '').join('\n\n')
    if (summary === '') return [event]
    // No provider numbers a block so.
    const index = -1
    return [{ type: 'block-start', index, block: compactionBlock(summary, replyId) }, { type: 'block-end', index }, event]
  }
}

function compactionBlock(summary: string, replyId: string): Block {
  const value: Json = { id: itemIds(replyId)('cmp'), type: 'compaction', encrypted_content: `${prefix}${encoded(summary)}` }
  return { type: 'foreign', protocol: protocolId, kind: 'compaction', value }
}
