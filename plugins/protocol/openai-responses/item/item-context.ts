import type { Block } from 'tokligence'
import { type Conversation, isJsonObject, type LossSink } from 'tokligence'
import { recall } from '../wire/wire-memo.ts'

export interface ItemContext {
  /** `reply`: for the caller. `history`: for the vendor, who refuses ids that he does not know the beginning of, and takes items without one. */
  readonly use: 'reply' | 'history'
  /** The whole was read from this protocol: it is written back as it was, also where the vendor would refuse it. */
  readonly native: boolean
  /** The request that is answered, or that the history belongs to. */
  readonly conversation: Pick<Conversation, 'tools' | 'lacksThoughts'>
  readonly losses: LossSink
  /** A new id for an item of another protocol, such as `msg_…`. Required for a reply. */
  readonly newId?: (prefix: string) => string
}

export function newItemId(prefix: string, { newId }: ItemContext): string {
  return newId?.(prefix) ?? `${prefix}_`
}

/** The ids of a reply's items, in order: the same for the same reply, streamed or not. */
export function itemIds(replyId: string): (prefix: string) => string {
  const digits = replyId.replace(/[^a-zA-Z0-9]/g, '').slice(0, 48)
  let count = 0
  return (prefix) => `${prefix}_${digits}${(count++).toString(16).padStart(4, '0')}`
}

/** The id that a stream begins an item with: the one it came with, else a new one. */
export function idOf(block: Block, prefix: string, context: ItemContext): string {
  const { item } = recall(block).memo
  if (!isJsonObject(item)) return newItemId(prefix, context)
  return typeof item.id === 'string' ? item.id : ''
}
