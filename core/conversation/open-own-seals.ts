import type { Conversation } from './conversation.ts'
import type { LossSink } from './loss.ts'
import { openSeals } from './open-seals.ts'
import { isGatewaySeal, type SealKeeper, sealsIn } from './seal.ts'
import { isSealable } from './seal-steps.ts'

export interface OpenOwnSealsOptions {
  /** The protocol of both caller and provider. */
  readonly target: string
  readonly keeper: SealKeeper | undefined
  readonly losses: LossSink
  /** The provider has refused an opaque value of this conversation. */
  readonly refused: boolean
}

export interface OwnConversation {
  readonly conversation: Conversation
  /** The reply is to be sealed. */
  readonly sealsReply: boolean
}

/**
 * The conversation for a provider of the caller's own protocol. Opaque values stand in it as vendors gave them, so nobody knows which account they are
 * of until one is refused: then all are taken out, and what the provider gives from there on goes to the caller as seals.
 *
 * By these it is known afterwards: a conversation that holds a seal of the provider was refused by it as it stood before, so that the values which are
 * no seals are another account's, and are taken out at once; its own are in the seals. Where the provider refuses even those, all are taken out, and those
 * that were there stay out.
 */
export function openOwnSeals(conversation: Conversation, { refused, ...options }: OpenOwnSealsOptions): OwnConversation {
  const sealsReply = refused || holdsSealOf(options.keeper, conversation)
  const distrusts = refused ? 'all' : sealsReply ? 'bare' : undefined
  return { conversation: openSeals(conversation, { ...options, sameProtocol: true, distrusts }), sealsReply }
}

function holdsSealOf(keeper: SealKeeper | undefined, { turns }: Conversation): boolean {
  const isOurs = (value: string | undefined) =>
    keeper !== undefined && value !== undefined && isGatewaySeal(value) && sealsIn(value).some((seal) => seal !== '' && typeof keeper.open(seal) === 'object')
  return turns.some(({ blocks }) => blocks.some((block) => isSealable(block) && isOurs(block.sealed?.value)))
}
