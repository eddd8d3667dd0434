import type { Keeper } from './kept-reply.ts'

/** Why an id is not known. */
export const forgotten = 'It has expired, was deleted, was not stored, or is not yours: send the whole input instead of the id.'

/** Why one cannot be gone on from that a vendor knows. */
export function keptElsewhere({ provider }: Keeper): string {
  return (
    `It is kept by the provider "${provider}" itself, and the model is served by another provider or account, which cannot read it; no copy was made of it, ` +
    'or of one that it rests on, as a session plugin with `capture: "all"` does: send the whole input instead of the id.'
  )
}

/** Why a history does not go to a vendor. */
export function unreadable(type: string): string {
  return `It holds an item of the type "${type}" of another provider or account, which the model's own one cannot read: send the whole input.`
}
