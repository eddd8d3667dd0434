import {
  GatewayError,
  type IncomingCall,
  isJsonObject,
  type Json,
  type JsonObject,
  type Protocol,
  type ProtocolRoute,
  parseJsonObject,
  requestReader as read,
} from 'tokligence'
import { type KeptReply, outputOf } from './kept-reply.ts'
import type { ReplyBook } from './reply-book.ts'

/** Not the vendor's: `{ tool_outputs: [{ tool_call_id, output }], stream? }` goes on from a kept reply with the results of its calls. */
export const toolOutputsRoute: ProtocolRoute = { method: 'POST', path: '/v1/responses/:id/submit_tool_outputs', operation: 'generate' }

/** Makes the ordinary request of one that only brings results: what was asked for is asked for again. */
export function completeToolOutputs(book: ReplyBook): NonNullable<Protocol['completeBody']> {
  return ({ params: { id }, body, query }: IncomingCall, principal) => (id === undefined ? body : complete(book, id, body, query, principal))
}

async function complete(book: ReplyBook, id: string, body: Buffer, query: URLSearchParams, principal: string | undefined): Promise<Buffer> {
  const { tool_outputs: listed, stream } = parseJsonObject(body)
  const streamed = read.optionalBoolean(stream ?? undefined, 'stream') ?? query.get('stream') === 'true'
  const outputs = read.array(listed, 'tool_outputs').map((each, index) => readOutput(each, `tool_outputs[${index}]`))
  const { kept } = await book.find(principal, id)
  if (!kept) throw new GatewayError('TKL_NOT_FOUND', `No reply with the id "${id}" is kept here.`)
  const { tool_choice: choice, ...settings } = kept.settings
  const request: JsonObject = {
    ...settings,
    ...(isFree(choice) && { tool_choice: choice as Json }),
    model: kept.model,
    previous_response_id: id,
    input: answered(kept, outputs),
    ...(streamed && { stream: true }),
  }
  return Buffer.from(JSON.stringify(request))
}

interface ToolOutput {
  readonly path: string
  readonly callId: string
  readonly output: Json
}

function readOutput(value: Json, path: string): ToolOutput {
  const { tool_call_id: callId, output } = read.object(value, path)
  if (output === undefined) throw read.fault(`${path}.output`, 'a text or a list of parts')
  return {
    path,
    callId: read.string(callId, `${path}.tool_call_id`),
    output: typeof output === 'string' || Array.isArray(output) ? output : JSON.stringify(output),
  }
}

/** Every call of the reply with its result, and nothing else: no provider takes less. */
function answered(kept: KeptReply, outputs: readonly ToolOutput[]): readonly JsonObject[] {
  const calls = outputOf(kept).filter(({ type }) => type === 'function_call' || type === 'custom_tool_call')
  const items = outputs.map(({ path, callId, output }) => {
    const call = calls.find(({ call_id: own }) => own === callId)
    if (!call) throw read.fault(`${path}.tool_call_id`, 'the id of a call of the reply')
    return { type: `${String(call.type)}_output`, call_id: callId, output }
  })
  const open = calls.find(({ call_id: own }) => !outputs.some(({ callId }) => callId === own))
  if (open) throw new GatewayError('TKL_REQUEST_INVALID', `No output was sent for the tool call ${String(open.call_id)}.`, { param: 'tool_outputs' })
  return items
}

/** A tool that had to be called was; had it to be called again, the loop would have no end. */
function isFree(choice: Json | undefined): boolean {
  return choice === 'auto' || choice === 'none' || (isJsonObject(choice) && choice.type === 'allowed_tools' && choice.mode === 'auto')
}
