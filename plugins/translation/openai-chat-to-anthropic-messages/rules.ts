import type { PairRules } from 'tokligence'
import { carryCacheMarkers } from './cache-markers.ts'
import { freeformNames, restoreCall, restoreCallEvents } from './freeform-calls.ts'

export const rules: PairRules = {
  request: carryCacheMarkers,
  reply(reply, { conversation }) {
    const names = freeformNames(conversation)
    if (names.size === 0) return reply
    return {
      ...reply,
      candidates: reply.candidates.map((candidate) => ({ ...candidate, blocks: candidate.blocks.map((block) => restoreCall(block, names)) })),
    }
  },
  openEvents({ conversation }) {
    const names = freeformNames(conversation)
    return names.size === 0 ? (event) => [event] : restoreCallEvents(names)
  },
}
