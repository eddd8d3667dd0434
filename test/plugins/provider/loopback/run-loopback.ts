import {
  type Conversation,
  type Operation,
  type Protocol,
  type Provider,
  parseEvents,
  type Reply,
  ReplyAccumulator,
  type ReplyEvent,
  type WireError,
} from 'tokligence'
import loopback from 'tokligence/plugins/provider/loopback'
import { setUpWithApi } from '../../set-up.ts'
import { plainProtocol } from './plain-protocol.ts'

export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[]>>
  readonly pieces: readonly Buffer[]
  readonly text: string
  /** There when the connection broke. */
  readonly failure: Error | undefined
}

export async function loopbackProvider(...protocols: readonly Protocol[]): Promise<Provider> {
  const { api, contribution } = await setUpWithApi<Provider>(loopback())
  for (const protocol of protocols.length > 0 ? protocols : [plainProtocol]) api.registry.add('protocol', protocol.id, protocol)
  return contribution
}

export function requestFor(
  provider: Provider,
  protocol: string,
  body: unknown,
  changes: { readonly operation?: Operation; readonly model?: string; readonly stream?: boolean },
) {
  const { operation = 'generate', model = 'loopback', stream = false } = changes
  const target = provider.open({ protocol, operation, model, stream, path: 'identity', callerHeaders: {} })
  return { ...target, headers: [], body: typeof body === 'string' ? body : JSON.stringify(body) }
}

/** Sends one request and reads the answer to its end. */
export function send(provider: Provider, request: ReturnType<typeof requestFor>): Promise<Answer> {
  return new Promise((resolve) => {
    let status = 0
    let headers: Answer['headers'] = {}
    const pieces: Buffer[] = []
    const done = (failure: Error | undefined) => resolve({ status, headers, pieces, text: Buffer.concat(pieces).toString('utf8'), failure })
    provider.exchange?.(request, {
      onHead: (code, fields) => {
        status = code
        headers = fields
      },
      onData: (chunk) => {
        pieces.push(chunk)
        return true
      },
      onEnd: () => done(undefined),
      onError: done,
    })
  })
}

export async function answerTo(asked: Conversation): Promise<Answer> {
  const provider = await loopbackProvider()
  return send(provider, requestFor(provider, 'plain', asked, asked))
}

export async function replyTo(asked: Conversation): Promise<Reply> {
  const { text, status } = await answerTo({ ...asked, stream: false })
  if (status !== 200) throw new Error(`It answered ${status}: ${text}`)
  return (JSON.parse(text) as { reply: Reply }).reply
}

export async function errorTo(asked: Conversation): Promise<WireError> {
  return (JSON.parse((await answerTo(asked)).text) as { error: WireError }).error
}

export async function eventsOf(asked: Conversation): Promise<ReplyEvent[]> {
  return parseEvents((await answerTo({ ...asked, stream: true })).text).map(({ data }) => JSON.parse(data) as ReplyEvent)
}

/** The reply that the stream amounts to. */
export async function streamedReplyTo(asked: Conversation): Promise<Reply> {
  const accumulator = new ReplyAccumulator()
  for (const event of await eventsOf(asked)) accumulator.push(event)
  return accumulator.reply()
}

export const textOf = (reply: Reply) => reply.candidates[0]?.blocks.flatMap((block) => (block.type === 'text' ? [block.text] : [])).join('|')
