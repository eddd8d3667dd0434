import { peekJson, type RequestContext } from 'tokligence'

const known = new WeakMap<RequestContext, string | undefined>()

/** The id that a request goes on from, read without parsing its body, once. Throws GatewayError `TKL_REQUEST_DUPLICATE_MEMBER`. */
export function previousReplyOf(context: RequestContext): string | undefined {
  if (!known.has(context)) known.set(context, previousIn(context.body))
  return known.get(context)
}

/** The same in a body. */
export function previousIn(body: Buffer): string | undefined {
  // A key that is spelled with escapes is refused where it is looked for.
  if (!body.includes('"previous_response_id"') && !body.includes('\\u00')) return undefined
  const value = peekJson(body, ['previous_response_id']).get('previous_response_id')?.value
  return typeof value === 'string' ? value : undefined
}
