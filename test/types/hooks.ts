// Compiled by tsc, never run.
import { GatewayError, type PluginApi } from 'tokligence'

export function guards({ hooks }: PluginApi): void {
  hooks.guardRequest.tap(() => undefined)
  hooks.guardRequest.tap(async () => undefined)
  hooks.guardRequest.tap(() => {
    if (Math.random() > 2) return new GatewayError('TKL_REQUEST_REFUSED', 'no')
    return undefined
  })
  hooks.guardRequest.tap(() => ({ response: { status: 204, body: '' } }))
  hooks.guardAttempt.tap((attempt, context) => (attempt.estimatedInput > 1 && context.stream ? new GatewayError('TKL_REQUEST_REFUSED', 'no') : undefined))
  // @ts-expect-error null is no answer
  hooks.guardRequest.tap(() => null)
  // @ts-expect-error nor is one that comes later
  hooks.guardConversation.tap(async () => null)
  // @ts-expect-error a guard answers with an error or a reply, not with a word
  hooks.guardAttempt.tap(() => 'no')
  // @ts-expect-error nor with a verdict
  hooks.guardReply.tap(() => true)
}

export function resolvers({ hooks }: PluginApi): void {
  hooks.resolvePrincipal.tap((context) => (context.headers.authorization ? { id: 'someone' } : undefined))
  hooks.resolveRoute.tap(async (context) => ({ targets: [{ provider: 'openai', model: context.model }] }))
  hooks.resolveRetry.tap((attempt) => ({ target: attempt.target, delay: 100 }))
  // @ts-expect-error null is no answer
  hooks.resolvePrincipal.tap(() => null)
  // @ts-expect-error null is no answer
  hooks.resolveRoute.tap(() => null)
  // @ts-expect-error a plan has targets
  hooks.resolveRoute.tap(() => ({ provider: 'openai' }))
  // @ts-expect-error a principal has an id
  hooks.resolvePrincipal.tap(() => ({ name: 'someone' }))
}

export function waterfalls({ hooks }: PluginApi): void {
  hooks.modifyConversation.tap((conversation) => conversation)
  hooks.modifyConversation.tap(async (conversation) => ({ ...conversation }))
  hooks.modifyUpstream.tap((request) => ({ ...request, headers: [...request.headers, 'x-team', 'blue'] }))
  // @ts-expect-error the next one in the row needs a conversation
  hooks.modifyConversation.tap(() => undefined)
  // @ts-expect-error forgetting the answer is the same
  hooks.modifyConversation.tap((conversation) => {
    conversation.model
  })
  // @ts-expect-error the next one in the row needs a plan
  hooks.modifyRoute.tap(async () => undefined)
  // @ts-expect-error null is no record
  hooks.modifyCharge.tap(() => null)
  hooks.modifyUpstream.tap((request) => {
    // @ts-expect-error a request is readonly: answer with a changed copy
    request.body = null
    return request
  })
}

export function observers({ hooks }: PluginApi): void {
  hooks.onReady.tap(() => {})
  hooks.onMeter.tap(async (record) => void record.id)
  hooks.onError.tap((error, context) => void [error.code, context?.requestId])
  hooks.onRequestEnd.tap((_context, { signal }) => void signal.aborted, { order: 'post', onFailure: 'fail-open', timeout: 50 })
  // @ts-expect-error outside of a request there is no context
  hooks.onError.tap((_error, context) => void context.requestId)
  // @ts-expect-error there is no such order
  hooks.onReady.tap(() => {}, { order: 'middle' })
  // @ts-expect-error there is no such hook
  hooks.onEverything.tap(() => {})
}

export function replies({ hooks }: PluginApi): void {
  hooks.openReply.tap(() => ({ event: (event, emit) => emit(event), end: () => {} }))
  hooks.openReply.tap(() => undefined)
  // @ts-expect-error what is emitted is an event
  hooks.openReply.tap(() => ({ event: (_event, emit) => emit('text') }))
  // @ts-expect-error a reply is opened at once, not later
  hooks.openReply.tap(async () => ({ event: () => {} }))
  // @ts-expect-error events are seen one by one
  hooks.openReply.tap(() => ({ end: () => {} }))
}
