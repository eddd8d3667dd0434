import {
  GatewayError,
  type IncomingCall,
  isJsonObject,
  type Json,
  type JsonObject,
  type PluginApi,
  type Protocol,
  type ProtocolRoute,
  parseJsonObject,
  type RequestContext,
  requestReader as read,
} from 'tokligence'
import { protocolId } from '../wire/wire-memo.ts'
import { callsOf, type OpenCall, parseSettings } from './asked-reply.ts'
import type { Keeper } from './kept-reply.ts'
import type { ReplyBook } from './reply-book.ts'
import type { RunningReplies } from './running-replies.ts'

/** Not the vendor's: `{ tool_outputs: [{ tool_call_id, output }], stream? }` goes on from a reply with the results of its calls. */
export const toolOutputsRoute: ProtocolRoute = { method: 'POST', path: '/v1/responses/:id/submit_tool_outputs', operation: 'generate' }

/** How long results wait for the end of the reply that they belong to, whose caller has seen its calls. Milliseconds. */
const patience = 10_000

/** Makes the ordinary request of one that only brings results: what was asked for is asked for again. */
export function completeToolOutputs(book: ReplyBook, running: RunningReplies): NonNullable<Protocol['completeBody']> {
  return async ({ params: { id }, body, query }: IncomingCall, context) => {
    if (id === undefined) return body
    const { tool_outputs: listed, stream } = parseJsonObject(body)
    const streamed = read.optionalBoolean(stream ?? undefined, 'stream') ?? query.get('stream') === 'true'
    const outputs = read.array(listed, 'tool_outputs').map((each, index) => readOutput(each, `tool_outputs[${index}]`))
    const found = await waitFor(book, running, id, context)
    return Buffer.from(JSON.stringify(continuation(found, id, outputs, streamed)))
  }
}

/** What the address asked for stands in the body now: the vendor's endpoint knows no such query. */
export function takeOutStreamQuery(api: PluginApi): void {
  api.hooks.modifyUpstream.tap((request, _attempt, context) => {
    if (context.protocol !== protocolId || !context.path.endsWith('/submit_tool_outputs') || !context.query.has('stream')) return request
    const [path = '', given] = request.path.split('?')
    const query = new URLSearchParams(given)
    query.delete('stream')
    return { ...request, path: query.size === 0 ? path : `${path}?${query}` }
  })
}

/** A reply that results can be put to. */
interface Submittable {
  readonly model: string
  readonly settings: JsonObject
  readonly calls: readonly OpenCall[]
}

async function waitFor(book: ReplyBook, running: RunningReplies, id: string, context: RequestContext): Promise<Submittable> {
  const principal = context.principal?.id
  const found = await find(book, id, principal)
  if ('model' in found) return found
  const waited = await running.wait(context, id, patience)
  if (waited === 'late') throw new GatewayError('TKL_NOT_FOUND', `No reply with the id "${id}" is kept yet: send the outputs when its stream has ended.`)
  // Also where none is being written: it may have been kept since.
  const late = await find(book, id, principal)
  if ('model' in late) return late
  throw new GatewayError(
    'TKL_NOT_FOUND',
    late.keeper
      ? `The provider "${late.keeper.provider}" keeps the reply "${id}", but what was asked for it is not known here: send a request that names it as previous_response_id.`
      : `No reply with the id "${id}" is kept here.`,
  )
}

async function find(book: ReplyBook, id: string, principal: string | undefined): Promise<Submittable | { readonly keeper?: Keeper | undefined }> {
  const { kept, keeper } = await book.find(principal, id)
  if (kept) return { model: kept.model, settings: kept.settings, calls: callsOf(kept.response) }
  const asked = keeper && (await book.askedFor(principal, id))
  if (!asked) return { keeper }
  const { model, calls } = asked
  const settings = calls.length === 0 ? '{}' : await book.settingsOf(principal, id)
  return settings === undefined ? { keeper } : { model, calls, settings: parseSettings(settings) }
}

/**
 * A request that belongs to a conversation of the vendor's goes on in that, which cannot be named beside a reply (openai 6.49.0, previous_response_id).
 * The vendor takes `stream_options` in requests for a stream alone (ResponseCreateParamsBase.stream_options).
 */
function continuation(
  { model, settings: { tool_choice: choice, stream_options: options, ...settings }, calls }: Submittable,
  id: string,
  outputs: readonly ToolOutput[],
  streamed: boolean,
): JsonObject {
  const { conversation } = settings
  return {
    ...settings,
    ...(isFree(choice) && { tool_choice: choice as Json }),
    model,
    ...((conversation === undefined || conversation === null) && { previous_response_id: id }),
    input: answered(calls, outputs),
    ...(streamed && { stream: true }),
    ...(streamed && options !== undefined && { stream_options: options }),
  }
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
function answered(calls: readonly OpenCall[], outputs: readonly ToolOutput[]): readonly JsonObject[] {
  const items = outputs.map(({ path, callId, output }, index) => {
    const call = calls.find(({ id }) => id === callId)
    if (!call) throw read.fault(`${path}.tool_call_id`, 'the id of a call of the reply')
    if (outputs.findIndex((other) => other.callId === callId) < index) throw read.fault(`${path}.tool_call_id`, 'the id of a call that no other output is for')
    return { type: `${call.type}_output`, call_id: callId, output }
  })
  const open = calls.find(({ id }) => !outputs.some(({ callId }) => callId === id))
  if (open) throw new GatewayError('TKL_REQUEST_INVALID', `No output was sent for the tool call ${open.id}.`, { param: 'tool_outputs' })
  return items
}

/** A tool that had to be called was; had it to be called again, the loop would have no end. */
function isFree(choice: Json | undefined): boolean {
  return choice === 'auto' || choice === 'none' || (isJsonObject(choice) && choice.type === 'allowed_tools' && choice.mode === 'auto')
}
