import {
  type Block,
  type ReasoningBlock,
  type SealableBlock,
  type SealKeeper,
  sealFromBase64,
  sealPrefix,
  type TextBlock,
  type ToolCallBlock,
} from 'tokligence'

const made = new Map<string, { readonly issuer: string; readonly block: SealableBlock }>()

/** Knows the seals that were made, so that anything else is broken. */
function keeperOf(issuer: string): SealKeeper {
  return {
    seal(block) {
      const seal = `${sealPrefix}${Buffer.from(JSON.stringify([issuer, block])).toString('base64url')}`
      made.set(seal, { issuer, block })
      return seal
    },
    open(value) {
      const found = made.get(sealFromBase64(value))
      if (!found) return 'broken'
      return found.issuer === issuer ? found.block : 'foreign'
    },
  }
}

/** Of the provider that is asked, in the protocol `issuer`. */
export const keeper = keeperOf('provider')
/** Of another provider. */
export const otherKeeper = keeperOf('another')

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
