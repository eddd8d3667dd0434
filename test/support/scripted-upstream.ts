import { type CapturedRequest, type Script, type ScriptedReply, type ScriptedUpstream, startScriptedUpstream } from 'tokligence/testing'
import { refuseMessagesRequest } from './anthropic-messages-request-rules.ts'
import { refuseGeminiRequest } from './gemini-request-rules.ts'
import { asArray, asEvents } from './gemini-stream-forms.ts'
import { refuseChatRequest } from './openai-chat-request-rules.ts'
import { refuseResponsesRequest } from './openai-responses-request-rules.ts'
import type { RecordedProtocol, Recording } from './recordings.ts'

/** The vendors behind one address, as strict as they are. */
export interface VendorUpstream extends ScriptedUpstream {
  /** Why requests were refused with 400, in order; a test that expects none says so. */
  readonly refusals: readonly string[]
}

/**
 * Starts an upstream that refuses what the vendor would refuse, and plays the queued answers to the rest. A stream of Gemini's is played in the form
 * that was asked for: as events with `alt=sse`, else as an array.
 */
export async function startVendorUpstream(): Promise<VendorUpstream> {
  const refusals: string[] = []
  const queue: Script[] = []
  let standing: Script | undefined
  const upstream = await startScriptedUpstream(async (request) => {
    const refused = refuse(request)
    if (refused) {
      refusals.push(refused.reason)
      return inForm(refused.reply, request)
    }
    const small = answerSmallEndpoint(request)
    if (small) return small
    const script = queue.shift() ?? standing
    if (!script) return { status: 500, body: { error: { message: 'Nothing is queued for this request.' } } }
    return inForm(typeof script === 'function' ? await script(request) : script, request)
  })
  return {
    url: upstream.url,
    requests: upstream.requests,
    get lastRequest() {
      return upstream.lastRequest
    },
    refusals,
    reply: (...scripts) => void queue.push(...scripts),
    always(script) {
      standing = script
    },
    close: () => upstream.close(),
  }
}

const geminiTypes = { sse: 'text/event-stream', json: 'application/json; charset=UTF-8' } as const

/** Google's answers have no id in their head; it is the responseId. */
const idHeaders: Readonly<Record<RecordedProtocol, string | undefined>> = {
  'openai-chat': 'x-request-id',
  'openai-responses': 'x-request-id',
  'anthropic-messages': 'request-id',
  gemini: undefined,
}

/** A recording as an answer. */
export function playRecording(recording: Recording, options: Omit<ScriptedReply, 'body' | 'pieces'> = {}): ScriptedReply {
  const idHeader = idHeaders[recording.protocol]
  const types = recording.protocol === 'gemini' ? geminiTypes : ({ sse: 'text/event-stream; charset=utf-8', json: 'application/json' } as const)
  return {
    status: recording.status,
    body: recording.body,
    ...options,
    headers: { 'content-type': recording.format === 'sse' ? types.sse : types.json, ...(idHeader && { [idHeader]: 'req_vendor_1' }), ...options.headers },
  }
}

interface Vendor {
  readonly protocol: RecordedProtocol
  /** Where its endpoint is. */
  readonly path: RegExp
  hasKey(headers: CapturedRequest['headers'], query: URLSearchParams): boolean
  refuse(body: unknown, path: string): string | undefined
  error(status: number, message: string): object
}

const vendors: readonly Vendor[] = [
  {
    protocol: 'openai-chat',
    path: /\/chat\/completions$/,
    hasKey: ({ authorization }) => authorization?.startsWith('Bearer ') ?? false,
    refuse: refuseChatRequest,
    error: openaiError,
  },
  {
    protocol: 'openai-responses',
    path: /\/responses$/,
    hasKey: ({ authorization }) => authorization?.startsWith('Bearer ') ?? false,
    refuse: refuseResponsesRequest,
    error: openaiError,
  },
  {
    protocol: 'anthropic-messages',
    path: /\/messages$/,
    hasKey: ({ authorization, 'x-api-key': key }) => (key ?? authorization) !== undefined,
    refuse: refuseMessagesRequest,
    error: (status, message) => ({ type: 'error', error: { type: errorType(status), message }, request_id: 'req_vendor_refused' }),
  },
  {
    protocol: 'gemini',
    path: /\/(v1|v1beta|v1alpha)\/models\/[^/:]+:(generateContent|streamGenerateContent)$/,
    hasKey: ({ authorization, 'x-goog-api-key': key }, query) => (key ?? authorization ?? query.get('key') ?? undefined) !== undefined,
    refuse: (body, path) => refuseGeminiRequest(body, /\/models\/([^/:]+):/.exec(path)?.[1]),
    error: googleError,
  },
]

interface Refusal {
  readonly reason: string
  readonly reply: ScriptedReply
}

function refuse(request: CapturedRequest): Refusal | undefined {
  const { pathname, searchParams } = addressOf(request)
  const vendor = request.method === 'POST' ? vendors.find(({ path }) => path.test(pathname)) : undefined
  if (!vendor) return undefined
  const { 'anthropic-version': version, 'content-type': type } = request.headers
  const refusal = (status: number, reason: string) => ({ reason, reply: { status, body: vendor.error(status, reason) } })
  // Google says that a key is not there with 403.
  if (!vendor.hasKey(request.headers, searchParams)) return refusal(vendor.protocol === 'gemini' ? 403 : 401, 'no key')
  if (vendor.protocol === 'anthropic-messages' && version === undefined) return refusal(400, 'anthropic-version: header is required')
  if (!type?.startsWith('application/json')) return refusal(415, `content-type is ${type}`)
  let body: unknown
  try {
    body = request.json()
  } catch {
    return refusal(400, 'the body is not JSON')
  }
  const reason = vendor.refuse(body, pathname)
  return reason === undefined ? undefined : refusal(400, reason)
}

/** A whole answer of Gemini's to one who streams, in the form that was asked for. Pieces and what is no JSON are played as they are. */
function inForm(reply: ScriptedReply, request: CapturedRequest): ScriptedReply {
  const { pathname, searchParams } = addressOf(request)
  if (!pathname.endsWith(':streamGenerateContent') || reply.body === undefined) return reply
  const { body, headers = {}, status = 200 } = reply
  const asksForEvents = searchParams.get('alt') === 'sse'
  const isSse = String(headers['content-type']).startsWith('text/event-stream')
  // An array is what the error comes in, too, where one was asked for.
  if (status !== 200) return asksForEvents || Buffer.isBuffer(body) || typeof body === 'string' ? reply : { ...reply, body: [body] }
  if (!Buffer.isBuffer(body) || asksForEvents === isSse) return reply
  const type = asksForEvents ? geminiTypes.sse : geminiTypes.json
  return { ...reply, body: asksForEvents ? asEvents(body) : asArray(body), headers: { ...headers, 'content-type': type } }
}

function answerSmallEndpoint(request: CapturedRequest): ScriptedReply | undefined {
  const { pathname: path } = addressOf(request)
  const { 'anthropic-version': anthropic, 'x-goog-api-key': google } = request.headers
  if (request.method === 'POST' && path.endsWith('/messages/count_tokens')) return { body: { input_tokens: 17 } }
  if (request.method === 'POST' && path.endsWith('/responses/input_tokens')) return { body: { object: 'response.input_tokens', input_tokens: 17 } }
  if (request.method === 'POST' && path.endsWith(':countTokens'))
    return { body: { totalTokens: 17, promptTokensDetails: [{ modality: 'TEXT', tokenCount: 17 }] } }
  if (request.method !== 'GET' || !path.endsWith('/models')) return undefined
  if (google !== undefined) {
    const methods = ['generateContent', 'countTokens']
    return { body: { models: [{ name: 'models/gemini-recorded', version: '001', displayName: 'Recorded', supportedGenerationMethods: methods }] } }
  }
  if (anthropic === undefined) return { body: { object: 'list', data: [{ id: 'gpt-recorded', object: 'model', created: 1_700_000_000, owned_by: 'vendor' }] } }
  const model = { type: 'model', id: 'claude-recorded', display_name: 'Recorded', created_at: '2025-01-01T00:00:00Z' }
  return { body: { data: [model], has_more: false, first_id: model.id, last_id: model.id } }
}

function addressOf(request: CapturedRequest): URL {
  return new URL(request.path, 'http://127.0.0.1')
}

function errorType(status: number): string {
  return status === 401 ? 'authentication_error' : 'invalid_request_error'
}

function openaiError(status: number, message: string): object {
  return { error: { message, type: errorType(status), param: null, code: null } }
}

function googleError(status: number, message: string): object {
  return { error: { code: status, message, status: status === 403 ? 'PERMISSION_DENIED' : 'INVALID_ARGUMENT' } }
}
