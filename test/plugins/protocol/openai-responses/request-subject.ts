import { type Conversation, type JsonObject, type Loss, LossSink, type ModelFacts } from 'tokligence'
import { decodeRequest as decode } from '../../../../plugins/protocol/openai-responses/request/decode-request.ts'
import { encodeRequest } from '../../../../plugins/protocol/openai-responses/request/encode-request.ts'
import { refuseResponsesRequest } from '../../../support/openai-responses-request-rules.ts'

/** A body as it comes off the wire. */
export function decodeRequest(body: unknown): Conversation {
  return decode(JSON.parse(JSON.stringify(body)) as JsonObject)
}

/** A body decoded and encoded again, and what the encoder reported. */
export function roundTrip(body: unknown) {
  const sink = new LossSink()
  const again = encodeRequest(decodeRequest(body), { losses: sink, facts: {} })
  return { again: JSON.parse(JSON.stringify(again)) as JsonObject, losses: sink.losses }
}

export interface Encoded {
  readonly body: JsonObject
  readonly input: readonly JsonObject[]
  /** `path feature action severity` of each loss. */
  readonly lost: readonly string[]
}

/** Encodes what came from another protocol; throws when the vendor would refuse the body. */
export function encodeForeign(fields: Partial<Conversation>, facts: ModelFacts = {}): Encoded {
  const sink = new LossSink()
  const conversation: Conversation = {
    model: 'gpt-test',
    stream: false,
    instructions: [],
    instructionsForm: 'none',
    turns: [{ role: 'user', form: 'text', blocks: [{ type: 'text', text: 'Hello' }] }],
    tools: [],
    sampling: {},
    ext: { 'other-protocol': {} },
    ...fields,
  }
  const body = encodeRequest(conversation, { losses: sink, facts })
  const refusal = refuseResponsesRequest(body)
  if (refusal !== undefined) throw new Error(`${refusal}\n${JSON.stringify(body, undefined, 1)}`)
  return { body, input: body.input as unknown as readonly JsonObject[], lost: linesOf(sink.losses) }
}

export function linesOf(losses: readonly Loss[]): string[] {
  return losses.map(({ path, feature, action, severity }) => `${path} ${feature} ${action} ${severity}`)
}
