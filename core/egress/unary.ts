import type { ClientReply } from '../client-reply.ts'
import { ReplyAccumulator, replyEvents } from '../conversation/accumulate.ts'
import type { Json, Reply } from '../conversation/index.ts'
import { GatewayError } from '../errors.ts'
import type { Generation } from '../generation.ts'
import type { GatewayRequest } from '../request.ts'
import type { UpstreamAnswer } from '../upstream/answer.ts'
import { identityReplyHeaders, translatedReplyHeaders } from '../upstream/headers.ts'
import type { Delivery } from './delivery.ts'
import { gatewayHeaders } from './gateway-headers.ts'
import { guardReply } from './guard-reply.ts'
import type { Prepared } from './prepare.ts'
import { replyOptions } from './reply-options.ts'
import { transformChain } from './transform-chain.ts'

/** A whole answer of the same protocol: its bytes go on untouched. Throws GatewayError `TKL_UPSTREAM_MALFORMED` when it is not JSON. */
export async function identityUnary(
  generation: Generation,
  request: GatewayRequest,
  prepared: Prepared,
  answer: UpstreamAnswer,
  client: ClientReply,
  body: Buffer,
): Promise<Delivery> {
  const parsed = parseReply(body)
  const summary = prepared.protocol.summarize(parsed)
  const guarded = await guardReply(generation, request, prepared, client, answer.status, () => prepared.protocol.decodeReply(parsed))
  if (guarded) return { ...guarded, ...(summary.usage && { usage: summary.usage }) }
  return {
    ending: 'complete',
    status: answer.status,
    path: 'identity',
    ...(summary.usage && { usage: summary.usage }),
    ...(summary.finish !== undefined && { finish: summary.finish }),
    ...(summary.id !== undefined && { replyId: summary.id }),
    release: () => client.send(answer.status, { ...identityReplyHeaders(answer.headers), ...gatewayHeaders(prepared) }, body),
  }
}

/** A whole answer that is decoded, looked at by hooks, and encoded in the caller's protocol. */
export async function decodedUnary(
  generation: Generation,
  request: GatewayRequest,
  prepared: Prepared,
  answer: UpstreamAnswer,
  client: ClientReply,
  provided: Reply,
): Promise<Delivery> {
  const reply = transformReply(provided, prepared)
  const finish = reply.candidates[0]?.finish.raw ?? reply.candidates[0]?.finish.reason
  const known = {
    ...(reply.usage && { usage: reply.usage }),
    ...(finish !== undefined && { finish }),
    ...(reply.id !== undefined && { replyId: reply.id }),
  }
  const guarded = await guardReply(generation, request, prepared, client, answer.status, () => reply)
  if (guarded) return { ...guarded, ...known }
  const body = JSON.stringify(encodeReply(request, prepared, reply))
  return {
    ending: 'complete',
    status: 200,
    path: prepared.attempt.path,
    ...known,
    release: () => client.send(200, { ...translatedReplyHeaders(answer.headers), 'content-type': 'application/json', ...gatewayHeaders(prepared) }, body),
  }
}

export function parseReply(body: Buffer): Json {
  try {
    return JSON.parse(body.toString('utf8')) as Json
  } catch (error) {
    throw new GatewayError('TKL_UPSTREAM_MALFORMED', 'The provider answered with something that is not JSON.', { cause: error })
  }
}

function encodeReply(request: GatewayRequest, prepared: Prepared, reply: Reply): Json {
  if (!prepared.session) throw new GatewayError('TKL_INTERNAL', 'A decoded reply has no translation session.')
  return prepared.session.encodeReply(reply, replyOptions(request, prepared))
}

function transformReply(reply: Reply, prepared: Prepared): Reply {
  if (prepared.transforms.length === 0) return reply
  const accumulator = new ReplyAccumulator()
  const push = transformChain(prepared.transforms, (event) => {
    if (event.type === 'error') throw GatewayError.fromWire(event.error)
    accumulator.push(event)
  })
  for (const event of replyEvents(reply)) push(event)
  return accumulator.reply()
}
