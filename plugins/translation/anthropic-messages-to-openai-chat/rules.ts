import type { PairRules } from 'tokligence'
import { acceptNames, changedNames, restoreName } from './tool-names.ts'
import { settleVendorFields } from './vendor-fields.ts'

export const rules: PairRules = {
  request: (conversation, { losses }) => acceptNames(settleVendorFields(conversation, losses), losses),
  reply(reply, { conversation }) {
    const changed = changedNames(conversation)
    if (changed.size === 0) return reply
    return {
      ...reply,
      candidates: reply.candidates.map((candidate) => ({ ...candidate, blocks: candidate.blocks.map((block) => restoreName(block, changed)) })),
    }
  },
  openEvents({ conversation }) {
    const changed = changedNames(conversation)
    return (event) => [event.type === 'block-start' ? { ...event, block: restoreName(event.block, changed) } : event]
  },
}
