import type { Delta, JsonObject, LossSink, Sealed } from 'tokligence'
import type { HostedCalls } from '../message/hosted-call.ts'
import { sealBlock } from '../reply/encode-reply-block.ts'
import { protocolId } from '../wire/extensions.ts'
import { asObject } from '../wire/shape.ts'
import { streamEvent } from './stream-event.ts'

/** Writes one block of a stream. Each method answers with the bytes that may follow what was written before. */
export interface BlockWriter {
  open(): string
  delta(delta: Delta): string
  close(): string
}

export interface BlockWriterOptions {
  readonly losses: LossSink
  readonly hosted: HostedCalls
  readonly path: string
  /** The reply came in this protocol: hollow blocks are kept. */
  readonly own: boolean
  /** Gives the next number on the wire, to what is written. */
  readonly allocate: () => number
  /** Takes the bytes of a text's opaque value, which are written in front of the next content, if any comes. */
  readonly hold: (bytes: string, path: string) => void
}

/** A piece of content that has no neutral form, on the wire when it is this protocol's own. */
export function foreignDelta(delta: Extract<Delta, { type: 'logprobs' | 'foreign' }>, { losses, path }: BlockWriterOptions): JsonObject | undefined {
  if (delta.type === 'foreign' && delta.protocol === protocolId) return asObject(delta.value)
  losses.dropped(`${path}.${delta.type}`, delta.type === 'logprobs' ? 'logprobs' : 'stream-delta', 'semantic')
  return undefined
}

/** The opaque value of a block that has no slot for one; nothing when there is none. */
export function writeSeal(sealed: Sealed | undefined, { allocate }: BlockWriterOptions): string {
  if (!sealed) return ''
  const index = allocate()
  return streamEvent('content_block_start', { index, content_block: sealBlock(sealed) }) + streamEvent('content_block_stop', { index })
}
