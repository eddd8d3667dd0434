import type { PluginApi } from 'tokligence'
import { z } from 'zod'

/** The end of a reply waits no longer for its copy. Milliseconds. */
const patience = 5_000

/** The option of stores that says which replies are kept. */
export const captureOption = {
  capture: z
    .enum(['translated', 'all'])
    .default('translated')
    .describe(
      'Which stored replies are kept: those that were translated, or also copies of those that their vendor keeps, so that another provider can go on from them.',
    ),
}

/** With `all`, has each protocol keep its vendor's own replies too, before their callers see the end. A store that fails costs the copy, not the reply. */
export function captureReplies({ hooks, registry, logger }: PluginApi, capture: 'translated' | 'all'): void {
  if (capture !== 'all') return
  hooks.modifyCharge.tap(
    async (record, context) => {
      try {
        await registry.find('protocol', context.protocol)?.captureReply?.(context)
      } catch (error) {
        logger.warn({ error, requestId: context.requestId }, 'no copy of a reply was kept: only its vendor can go on from it')
      }
      return record
    },
    { order: 'post', timeout: patience },
  )
}
