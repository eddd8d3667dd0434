import type { JsonObject } from 'tokligence'

/**
 * What the first block of an item remembers of the item itself: `item` holds its id and its status as they stood. Further blocks of the same item
 * remember their position in it as `part`.
 */
export interface Envelope {
  readonly envelope: JsonObject
  readonly rest: JsonObject
}

export function takeEnvelope({ id, status, ...rest }: JsonObject): Envelope {
  return { envelope: { ...(id !== undefined && { id }), ...(status !== undefined && { status }) }, rest }
}
