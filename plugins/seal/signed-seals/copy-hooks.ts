import type { PluginApi } from 'tokligence'
import { LargeSeals } from './large-seals.ts'
import { SealCopies } from './seal-copies.ts'

/**
 * Keeps copies of seals where a plugin is configured that remembers, for so many milliseconds, of which 0 is never; gives those that are too long to be
 * sent. A store that fails costs the copies, not the request.
 */
export function keepCopies({ config, hooks, logger, registry }: PluginApi, timeToLive: number): LargeSeals | undefined {
  if (timeToLive === 0 || !config.plugins.some(({ kind }) => kind === 'session')) return undefined
  const large = new LargeSeals((reference) =>
    logger.warn({ reference }, 'a long seal was pushed out by others before it was kept: the reasoning in it cannot be given back'),
  )
  const copies = () => {
    const [store] = registry.all('session')
    return store && new SealCopies(store[1], large, timeToLive)
  }
  const failed = (error: unknown, what: string) => logger.warn({ error }, `copies of seals could not be ${what}: clients that drop seals lose reasoning`)
  // Behind those that add earlier turns to the conversation.
  hooks.modifyTranslated.tap(
    async (conversation, target, { principal }) => {
      try {
        return (await copies()?.restore(conversation, target, principal?.id)) ?? conversation
      } catch (error) {
        failed(error, 'read')
        return conversation
      }
    },
    { order: 'post', onFailure: 'fail-open' },
  )
  hooks.onTranslatedReply.tap(async (reply, target, { principal, conversation }) => {
    try {
      await copies()?.keep(reply, target, conversation, principal?.id)
    } catch (error) {
      failed(error, 'kept')
    }
  })
  return large
}
