import type { Conversation, LossSink } from 'tokligence'

export interface ItemContext {
  /** `reply`: for the caller. `history`: for the vendor, who refuses ids that he does not know the beginning of, and takes items without one. */
  readonly use: 'reply' | 'history'
  /** The whole was read from this protocol: it is written back as it was, also where the vendor would refuse it. */
  readonly native: boolean
  /** The request that is answered, or that the history belongs to. */
  readonly conversation: Pick<Conversation, 'tools'>
  readonly losses: LossSink
  /** An id for an item of another protocol, such as `msg_…`. Required for a reply. */
  readonly newId?: (prefix: string) => string
}
