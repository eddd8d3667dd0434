import type { SessionEntry } from 'tokligence'

/** Bytes that an entry counts besides its texts, so that many small ones do not take far more than the cap. */
const upkeep = 256

/** What an entry counts towards the cap, in bytes: its texts in UTF-8, and its upkeep. */
export function entryBytes(principal: string | undefined, { key, value }: SessionEntry): number {
  return Buffer.byteLength(principal ?? '') + Buffer.byteLength(key) + Buffer.byteLength(value) + upkeep
}
