import { type ErrorCode, errorTable, GatewayError, type RequestContext } from 'tokligence'

/**
 * Why the provider that was asked before this attempt did not answer. Where the next one cannot know the reply that a request goes on from, this is what
 * its caller is told: that the reply were unknown would be wrong.
 */
export function earlierFailure({ attempts }: RequestContext): GatewayError | undefined {
  const error = attempts.at(-1)?.error
  if (!error) return undefined
  const { code, message, status, kind } = error
  return isOwn(code) ? new GatewayError(code, message, { status, kind }) : GatewayError.fromWire(error)
}

function isOwn(code: string | undefined): code is ErrorCode {
  return code !== undefined && Object.hasOwn(errorTable, code)
}
