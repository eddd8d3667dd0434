import { ReplyAccumulator, replyEvents, wholeStream } from '../conversation/accumulate.ts'
import { estimateOutputTokens, type Json, type Reply, type Usage } from '../conversation/index.ts'
import { GatewayError } from '../errors.ts'
import type { Mutable } from '../mutable.ts'
import type { GatewayRequest } from '../request.ts'
import { identityHeaders, streamHeaders, translatedHeaders } from './answer-headers.ts'
import type { Exchanged } from './deliver.ts'
import type { Delivery } from './delivery.ts'
import { guardReply } from './guard-reply.ts'
import type { Prepared } from './prepare.ts'
import { replyOptions } from './reply-options.ts'
import { transformChain } from './transform-chain.ts'
import { onTranslatedReply } from './translation-hooks.ts'

/** A whole answer of the same protocol: its bytes go on untouched. Throws GatewayError `TKL_UPSTREAM_MALFORMED` when it is not JSON. */
export async function identityUnary(exchanged: Exchanged, whole: Promise<Buffer>): Promise<Delivery> {
  const { generation, request, prepared, answer, client } = exchanged
  const body = await whole
  const parsed = parseReply(body)
  const summary = prepared.protocol.summarize(parsed, request)
  const generates = request.operation === 'generate'
  const usage = summary.usage ?? (generates ? estimateUnread(prepared, parsed, body) : estimateVectors(prepared, request))
  exchanged.usage = usage
  const guarded = generation.hooks.used.guardReply ? await guardReply(exchanged, generates ? decodeIfReply(prepared, parsed) : undefined) : undefined
  const delivery: Mutable<Delivery> = guarded ?? {
    ending: 'complete',
    status: answer.status,
    path: 'identity',
    release: () => client.send(answer.status, identityHeaders(prepared, answer), body),
  }
  if (usage) delivery.usage = usage
  if (summary.finish !== undefined) delivery.finish = summary.finish
  if (summary.id !== undefined) delivery.replyId = summary.id
  return delivery
}

/** A whole answer that is decoded, looked at by hooks, and encoded in the caller's protocol. */
export async function decodedUnary(exchanged: Exchanged, provided: Reply): Promise<Delivery> {
  const { generation, request, prepared, answer, client } = exchanged
  const usage = provided.usage ?? estimate(prepared, provided)
  exchanged.usage = usage
  const reply = transformReply(exchanged, provided)
  const finish = provided.candidates[0]?.finish.raw ?? provided.candidates[0]?.finish.reason
  const guarded = generation.hooks.used.guardReply ? await guardReply(exchanged, reply) : undefined
  const body = guarded ? '' : encodeReply(request, prepared, reply)
  if (!guarded && generation.hooks.used.onTranslatedReply) await onTranslatedReply(exchanged, reply)
  const delivery: Mutable<Delivery> = guarded ?? {
    ending: 'complete',
    status: 200,
    path: prepared.attempt.path,
    release() {
      if (!request.stream) return client.send(200, translatedHeaders(prepared, answer, { 'content-type': 'application/json' }), body)
      client.head(200, translatedHeaders(prepared, answer, streamHeaders))
      client.end(body)
    },
  }
  delivery.usage = usage
  if (finish !== undefined) delivery.finish = finish
  if (provided.id !== undefined) delivery.replyId = provided.id
  return delivery
}

/** Where a provider does not tell what a reply cost. */
function estimate(prepared: Prepared, reply: Reply): Usage {
  return { inputUncached: prepared.attempt.estimatedInput, output: estimateOutputTokens(reply), source: 'estimated' }
}

/** The same for an answer that goes on as bytes, and may be no reply at all. */
function estimateUnread(prepared: Prepared, parsed: Json, body: Buffer): Usage {
  const reply = decodeIfReply(prepared, parsed)
  if (reply) return estimate(prepared, reply)
  return { inputUncached: prepared.attempt.estimatedInput, output: Math.ceil(body.length / 4), source: 'estimated' }
}

/** Vectors cost what was read for them. */
function estimateVectors({ attempt }: Prepared, { operation }: GatewayRequest): Usage | undefined {
  return operation === 'embed' || operation === 'embed-one' ? { inputUncached: attempt.estimatedInput, source: 'estimated' } : undefined
}

function decodeIfReply(prepared: Prepared, parsed: Json): Reply | undefined {
  try {
    return prepared.protocol.decodeReply(parsed)
  } catch (error) {
    if (!GatewayError.is(error, 'TKL_UPSTREAM_MALFORMED')) throw error
    return undefined
  }
}

export function parseReply(body: Buffer): Json {
  try {
    return JSON.parse(body.toString('utf8')) as Json
  } catch (error) {
    throw new GatewayError('TKL_UPSTREAM_MALFORMED', 'The provider answered with something that is not JSON.', { cause: error })
  }
}

/** A caller that waits for a stream gets one, although the provider gave none. */
function encodeReply(request: GatewayRequest, prepared: Prepared, reply: Reply): string {
  const { session } = prepared
  if (!session) throw new GatewayError('TKL_INTERNAL', 'A decoded reply has no translation session.')
  const options = replyOptions(request, prepared)
  return request.stream ? wholeStream(session.createStreamEncoder(options), reply) : JSON.stringify(session.encodeReply(reply, options))
}

function transformReply({ generation, request, prepared }: Exchanged, reply: Reply): Reply {
  if (!prepared.looksInside) return reply
  const accumulator = new ReplyAccumulator()
  const push = transformChain(generation.hooks.openReply(request), (event) => {
    if (event.type === 'error') throw GatewayError.fromWire(event.error)
    accumulator.push(event)
  })
  for (const event of replyEvents(reply)) push(event)
  return accumulator.reply()
}
