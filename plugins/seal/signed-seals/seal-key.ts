import { createHash, createSecretKey, type KeyObject } from 'node:crypto'

/** A key that seals are signed with. */
export interface SealKey {
  /** The first six bytes of the key's SHA-256, base64url: tells keys apart without revealing them. */
  readonly id: string
  readonly secret: KeyObject
}

/** The key for new seals, and those whose seals are still opened, by their ids. */
export interface SealKeys {
  readonly current: SealKey
  readonly older: ReadonlyMap<string, SealKey>
}

/** Bytes. */
export const sealKeyLength = 32

export function createSealKey(bytes: Buffer): SealKey {
  return { id: createHash('sha256').update(bytes).digest().subarray(0, 6).toString('base64url'), secret: createSecretKey(bytes) }
}

/** The 32 bytes that stand there in hex, base64 or base64url; undefined when it is something else. */
export function readSealKey(text: string): Buffer | undefined {
  const trimmed = text.trim()
  if (/^[\da-f]{64}$/i.test(trimmed)) return Buffer.from(trimmed, 'hex')
  if (!/^[\w+/-]{43}=?$/.test(trimmed)) return undefined
  const bytes = Buffer.from(trimmed, 'base64')
  return bytes.length === sealKeyLength ? bytes : undefined
}

export function keysOf(bytes: Buffer, older: readonly Buffer[] = []): SealKeys {
  return { current: createSealKey(bytes), older: new Map(older.map(createSealKey).map((key) => [key.id, key])) }
}
