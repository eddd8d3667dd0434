import { type CapturedRequest, type Script, type ScriptedReply, type ScriptedUpstream, startScriptedUpstream } from 'tokligence/testing'
import { refuseMessagesRequest } from './anthropic-messages-request-rules.ts'
import { refuseChatRequest } from './openai-chat-request-rules.ts'
import type { Recording } from './recordings.ts'

/** Both vendors behind one address, as strict as they are. */
export interface VendorUpstream extends ScriptedUpstream {
  /** Why requests were refused with 400, in order; a test that expects none says so. */
  readonly refusals: readonly string[]
}

/** Starts an upstream that refuses what the vendor would refuse, and plays the queued answers to the rest. */
export async function startVendorUpstream(): Promise<VendorUpstream> {
  const refusals: string[] = []
  const queue: Script[] = []
  let standing: Script | undefined
  const upstream = await startScriptedUpstream((request) => {
    const refused = refuse(request)
    if (refused) {
      refusals.push(refused.reason)
      return refused.reply
    }
    const small = answerSmallEndpoint(request)
    if (small) return small
    const script = queue.shift() ?? standing
    if (!script) return { status: 500, body: { error: { message: 'Nothing is queued for this request.' } } }
    return typeof script === 'function' ? script(request) : script
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

/** A recording as an answer. */
export function playRecording(recording: Recording, options: Omit<ScriptedReply, 'body' | 'pieces'> = {}): ScriptedReply {
  const idHeader = recording.protocol === 'openai-chat' ? 'x-request-id' : 'request-id'
  return {
    status: recording.status,
    body: recording.body,
    ...options,
    headers: { 'content-type': recording.stream ? 'text/event-stream; charset=utf-8' : 'application/json', [idHeader]: 'req_vendor_1', ...options.headers },
  }
}

interface Refusal {
  readonly reason: string
  readonly reply: ScriptedReply
}

function refuse(request: CapturedRequest): Refusal | undefined {
  if (request.method !== 'POST') return undefined
  const chat = /\/chat\/completions$/.test(pathOf(request))
  if (!chat && !/\/messages$/.test(pathOf(request))) return undefined
  const { authorization, 'x-api-key': key, 'anthropic-version': version, 'content-type': type } = request.headers
  const refusal = (status: number, reason: string) => ({ reason, reply: { status, body: chat ? chatError(status, reason) : messagesError(status, reason) } })
  if (!(chat ? authorization?.startsWith('Bearer ') : (key ?? authorization))) return refusal(401, 'no key')
  if (!chat && version === undefined) return refusal(400, 'anthropic-version: header is required')
  if (!type?.startsWith('application/json')) return refusal(415, `content-type is ${type}`)
  let body: unknown
  try {
    body = request.json()
  } catch {
    return refusal(400, 'the body is not JSON')
  }
  const reason = chat ? refuseChatRequest(body) : refuseMessagesRequest(body)
  return reason === undefined ? undefined : refusal(400, reason)
}

function answerSmallEndpoint(request: CapturedRequest): ScriptedReply | undefined {
  const path = pathOf(request)
  if (request.method === 'POST' && path.endsWith('/messages/count_tokens')) return { body: { input_tokens: 17 } }
  if (request.method !== 'GET' || !path.endsWith('/models')) return undefined
  if (request.headers['anthropic-version'] === undefined)
    return { body: { object: 'list', data: [{ id: 'gpt-recorded', object: 'model', created: 1_700_000_000, owned_by: 'vendor' }] } }
  const model = { type: 'model', id: 'claude-recorded', display_name: 'Recorded', created_at: '2025-01-01T00:00:00Z' }
  return { body: { data: [model], has_more: false, first_id: model.id, last_id: model.id } }
}

function pathOf(request: CapturedRequest): string {
  return request.path.split('?')[0] as string
}

function chatError(status: number, message: string): object {
  return { error: { message, type: status === 401 ? 'authentication_error' : 'invalid_request_error', param: null, code: null } }
}

function messagesError(status: number, message: string): object {
  return { type: 'error', error: { type: status === 401 ? 'authentication_error' : 'invalid_request_error', message }, request_id: 'req_vendor_refused' }
}
