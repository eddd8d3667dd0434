import type { UpstreamAnswer } from '../upstream/answer.ts'
import { identityReplyHeaders, translatedReplyHeaders } from '../upstream/headers.ts'
import { countedBy } from './count-tokens.ts'
import type { Prepared } from './prepare.ts'

type Headers = Record<string, string | string[]>

export const streamHeaders = Object.freeze({ 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-cache' })

/** The head of an answer whose bytes go on: the provider's, who gave it, and how much the translation has lost so far. */
export function identityHeaders(prepared: Prepared, answer: UpstreamAnswer): Headers {
  return withGatewayHeaders(identityReplyHeaders(answer.headers), prepared)
}

/** The head of an answer that is written anew, with headers of its own. */
export function translatedHeaders(prepared: Prepared, answer: UpstreamAnswer, own: Headers): Headers {
  return withGatewayHeaders({ ...translatedReplyHeaders(answer.headers), ...own }, prepared)
}

function withGatewayHeaders(headers: Headers, prepared: Prepared): Headers {
  headers['x-tokligence-provider'] = prepared.attempt.target.provider
  if (prepared.attempt.opened.operation === 'count-tokens') headers[countedBy] = 'provider'
  const losses = prepared.reportsLosses ? prepared.losses.losses.length : 0
  if (losses > 0) headers['x-tokligence-losses'] = String(losses)
  return headers
}
