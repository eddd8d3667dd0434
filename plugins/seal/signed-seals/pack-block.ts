import { deflateRawSync, inflateRawSync } from 'node:zlib'
import { isJsonObject, type SealableBlock } from 'tokligence'

/** How a block stands in a seal: UTF-8 JSON, plain (`j`) or deflated (`d`). */
export type Packing = 'j' | 'd'

/** The most that is inflated, and so the most that is deflated; a larger block stands there plain. Bytes. */
export const mostInflated = 1024 * 1024

export function packBlock(block: SealableBlock): { readonly packing: Packing; readonly bytes: Buffer } {
  const plain = Buffer.from(JSON.stringify(block))
  if (plain.length > mostInflated) return { packing: 'j', bytes: plain }
  // The fastest level: what is in there is mostly base64 of encrypted bytes, which no level makes smaller than another.
  const deflated = deflateRawSync(plain, { level: 1 })
  return deflated.length < plain.length ? { packing: 'd', bytes: deflated } : { packing: 'j', bytes: plain }
}

/** Undefined when the bytes are no block that can be sealed, or too large. */
export function unpackBlock(packing: string | undefined, bytes: Buffer): SealableBlock | undefined {
  if (packing !== 'j' && packing !== 'd') return undefined
  try {
    const plain = packing === 'd' ? inflateRawSync(bytes, { maxOutputLength: mostInflated }) : bytes
    const block: unknown = JSON.parse(plain.toString('utf8'))
    return isSealable(block) ? block : undefined
  } catch {
    return undefined
  }
}

function isSealable(value: unknown): value is SealableBlock {
  return isJsonObject(value) && (value.type === 'reasoning' || value.type === 'tool-call' || value.type === 'text')
}
