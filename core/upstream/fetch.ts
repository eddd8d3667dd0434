import type { Exchange } from '../contracts/upstream.ts'
import { GatewayError } from '../errors.ts'
import type { UpstreamFetch } from '../plugin.ts'
import { type AbortOwner, collectBody, UpstreamAnswer } from './answer.ts'

const replyLimit = 32 * 1024 * 1024

/** Small unary calls for plugins, through the gateway's own pools. Redirects are not followed. */
export function createFetch(exchange: Exchange): UpstreamFetch {
  return async (url, options = {}) => {
    const target = new URL(url)
    const timeout = options.timeout ?? 30_000
    const headers = ['accept-encoding', 'identity', ...Object.entries(options.headers ?? {}).flat()]
    const owner: AbortOwner = { onAbort: undefined }
    const abort = () =>
      owner.onAbort?.(new GatewayError('TKL_UPSTREAM_TIMEOUT', `The call to ${target.origin} was given up.`, { cause: options.signal?.reason }))
    options.signal?.throwIfAborted()
    options.signal?.addEventListener('abort', abort, { once: true })
    try {
      const answer = await UpstreamAnswer.send(
        exchange,
        {
          method: options.method ?? 'GET',
          origin: target.origin,
          path: target.pathname + target.search,
          headers,
          body: options.body ?? null,
          timeouts: { connect: Math.min(timeout, 10_000), firstByte: timeout, idle: timeout },
          ...(options.ca !== undefined && { ca: options.ca }),
        },
        owner,
      )
      return { status: answer.status, headers: answer.headers, body: await collectBody(answer, replyLimit) }
    } finally {
      options.signal?.removeEventListener('abort', abort)
    }
  }
}
