import type { Block, ReasoningBlock, SealableBlock, TextBlock, ToolCallBlock } from 'tokligence'
import { GatewaySeals } from '../../../core/seal/gateway-seals.ts'
import { keysOf } from '../../../core/seal/seal-key.ts'

const seals = new GatewaySeals(() => keysOf(Buffer.alloc(32, 3)))

/** Of the provider that is asked, in the protocol `issuer`. */
export const keeper = seals.keeperFor('provider', 'account', 'issuer')
/** Of another provider. */
export const otherKeeper = seals.keeperFor('another', 'account', 'issuer')

export const sealed = (value = 'signature') => ({ issuer: 'issuer', value })

export const thoughts = (text: string, more: Partial<ReasoningBlock> = {}): ReasoningBlock => ({
  type: 'reasoning',
  text,
  sealed: sealed(),
  ext: { issuer: { id: 'rs_1' } },
  ...more,
})

export const call = (id: string, more: Partial<ToolCallBlock> = {}): ToolCallBlock => ({
  type: 'tool-call',
  id,
  name: 'n',
  argumentsText: '{"a": 1}',
  form: 'json',
  executedBy: 'client',
  ...more,
})

export const text = (words: string, more: Partial<TextBlock> = {}): TextBlock => ({ type: 'text', text: words, ...more })

/** A caller's block of its own protocol with a seal in its slot. */
export function carrying<B extends SealableBlock>(block: B, value: string): B {
  return { ...block, sealed: { issuer: 'caller', value } }
}

/** What a caller's decoder makes of a slot that holds nothing but a seal. */
export const carrier = (value: string): Block => carrying({ type: 'reasoning', text: '', redacted: true }, value)
