import { definePlugin } from 'tokligence'
import { z } from 'zod'
import { History } from './history.ts'
import { PrefixWatch } from './watch.ts'

const count = () => z.number().int().positive()

const options = z.strictObject({
  conversations: count().default(1_000).describe('How many conversations are remembered. Beyond that the least recently used go.'),
  parts: count().default(2_000).describe('How many parts of each prompt are remembered: blocks, messages, tools. Those behind them are not watched.'),
  within: count()
    .default(60 * 60 * 1_000)
    .describe('Milliseconds after which a prompt is forgotten: the provider’s cache has forgotten it, too.'),
  leastTokens: z.number().int().nonnegative().default(1_024).describe('Prompts of fewer tokens are in no cache, so that nothing is lost with them.'),
  largestBody: count()
    .default(8 * 1024 * 1024)
    .describe('Bytes of a body from which on it is not looked at.'),
})

export const prefixWatch = definePlugin({
  kind: 'detector',
  name: 'prefix-watch',
  apiVersion: 1,
  description: 'Says who changed the beginning of a prompt that the provider’s cache held, and what that cost.',
  options,
  setup(api, limits) {
    const history = api.shared(
      `prefix-watch:${api.id}`,
      () => new History(),
      (shared) => shared.clear(),
    )
    const watch = new PrefixWatch(api, history, limits)
    const { modifyTranslated, modifyUpstream, modifyCharge } = api.hooks
    modifyTranslated.tap((conversation, _target, context) => passing(conversation, () => watch.beforeTranslation(conversation, context)), first)
    modifyTranslated.tap((conversation, _target, context) => passing(conversation, () => watch.afterTranslation(conversation, context)), last)
    modifyUpstream.tap((request, attempt, context) => passing(request, () => watch.beforeSending(request, attempt, context)), first)
    modifyUpstream.tap((request, _attempt, context) => passing(request, () => watch.afterChanges(request, context)), last)
    modifyCharge.tap((record, context) => watch.judge(record, context), { onFailure: 'fail-open' })
  },
})

const first = { order: 'first', onFailure: 'fail-open' } as const
const last = { order: 'last', onFailure: 'fail-open' } as const

function passing<Value>(value: Value, look: () => void): Value {
  look()
  return value
}

export default prefixWatch
