import type { ClientReply } from '../client-reply.ts'
import { estimateInputTokens, LossSink, wholeStream } from '../conversation/index.ts'
import { GatewayError } from '../errors.ts'
import type { Generation } from '../generation.ts'
import type { GuardAnswer } from '../hooks.ts'
import type { GatewayRequest } from '../request.ts'
import { streamHeaders } from './answer-headers.ts'
import type { Delivery } from './delivery.ts'

/** What a guard said instead of letting the request pass, as an answer in the caller's protocol. */
export function answerGuard(generation: Generation, request: GatewayRequest, client: ClientReply, answer: GuardAnswer): Delivery {
  if (GatewayError.is(answer)) throw answer
  if ('response' in answer) {
    const { status, headers, body } = answer.response
    return {
      ending: status < 400 ? 'complete' : 'rejected',
      status,
      path: 'local',
      release: () => client.send(status, { 'content-type': 'application/json', ...lowerNames(headers) }, body),
    }
  }
  const protocol = request.protocolBinding
  if (!protocol) throw new GatewayError('TKL_INTERNAL', 'A guard answered with a reply on an endpoint without a protocol.')
  const session = generation.identityTranslation(protocol).open()
  const options = { losses: new LossSink(), conversation: request.conversation, estimatedInput: estimateInputTokens(request.conversation), replyId: request.id }
  const known = {
    ending: 'complete',
    status: 200,
    path: 'local',
    ...(answer.reply.usage && { usage: answer.reply.usage }),
    ...(answer.reply.id !== undefined && { replyId: answer.reply.id }),
  } as const
  if (!request.stream) {
    const body = JSON.stringify(session.encodeReply(answer.reply, options))
    return { ...known, release: () => client.send(200, { 'content-type': 'application/json' }, body) }
  }
  const body = wholeStream(session.createStreamEncoder(options), answer.reply)
  return {
    ...known,
    release() {
      client.head(200, { ...streamHeaders })
      client.end(body)
    },
  }
}

/** A plugin's headers under the names that the gateway's own have, lest one goes out twice. */
export function lowerNames(headers: Readonly<Record<string, string>> = {}): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]))
}
