import { type Conversation, type JsonObject, type Memo, requestReader as read, splitUnset } from 'tokligence'
import { remember } from '../wire/wire-memo.ts'
import { decodeMessages } from './decode-messages.ts'
import { requestGroups } from './request-groups.ts'

/** A request body in the neutral form. Throws GatewayError `TKL_REQUEST_INVALID` with the path of the field at fault. */
export function decodeRequest(body: JsonObject): Conversation {
  const { model, messages, ...others } = body
  const { given, unset } = splitUnset(others)
  let fields: Partial<Conversation> = {}
  let idle: JsonObject = unset
  let memo: Memo = { native: true }
  let rest = given
  for (const take of requestGroups) {
    const taken = take(rest)
    fields = { ...fields, ...taken.fields }
    idle = { ...idle, ...taken.unset }
    memo = { ...memo, ...taken.memo }
    rest = taken.rest
  }
  return {
    model: read.string(model, 'model'),
    stream: false,
    instructions: [],
    instructionsForm: 'none',
    turns: decodeMessages(messages),
    tools: [],
    sampling: {},
    ...fields,
    ...remember(rest, { ...memo, unset: idle }),
  }
}
