import {
  definePlugin,
  type EncodeReplyOptions,
  formatEvent,
  GatewayError,
  isJsonObject,
  type Json,
  kindOfStatus,
  type Protocol,
  parseEvents,
  patchBytes,
  peekJson,
  type Reply,
  type ReplyEvent,
  replaceMember,
  type StreamDecoder,
  type StreamEncoder,
  type StreamFraming,
  type StreamRelay,
  type Usage,
} from 'tokligence'
import { z } from 'zod'

const textBlock = (text: string) => ({ type: 'text' as const, text })
const usageOf = (value: Json | undefined): Usage | undefined =>
  isJsonObject(value) ? { inputUncached: Number(value.in), output: Number(value.out), source: 'measured', raw: value } : undefined

/**
 * A protocol small enough to read at a glance, so that the core is tested without any real one.
 * Request `{model, stream, say}`; reply `{text, usage: {in, out}}`; stream `data: {"text"}`… `data: {"usage"}`, `data: END`.
 */
export function toyProtocol(id: string): Protocol {
  return {
    id,
    routes: [
      { method: 'POST', path: `/${id}`, operation: 'generate' },
      { method: 'POST', path: `/${id}/count`, operation: 'count-tokens' },
      { method: 'POST', path: `/${id}/other`, operation: 'other' },
      { method: 'POST', path: `/${id}/embed`, operation: 'embed' },
      { method: 'POST', path: `/${id}/embed-one`, operation: 'embed-one' },
      { method: 'POST', path: `/${id}/models/*`, operation: 'generate', claims: (_headers, _query, params) => params['*']?.endsWith(':say') === true },
    ],
    peek({ body }) {
      const members = peekJson(body, ['model', 'stream'])
      const model = members.get('model')?.value
      if (typeof model !== 'string' || model === '') throw new GatewayError('TKL_REQUEST_INVALID', 'model must be a string', { param: 'model' })
      return { model, stream: members.get('stream')?.value === true, members }
    },
    patchRequest(body, peek, { model }) {
      const member = peek.members.get('model')
      const edit = member && replaceMember(member, model)
      return { body: edit ? patchBytes(body, [edit]) : body, usageAdded: false }
    },
    decodeRequest: (body) => ({
      model: String(body.model),
      stream: body.stream === true,
      instructions: [],
      instructionsForm: 'none',
      turns: [{ role: 'user', form: 'text', blocks: [textBlock(String(body.say))] }],
      tools: [],
      sampling: {},
    }),
    encodeRequest: ({ model, stream, turns }, { losses }) => {
      const block = turns.at(-1)?.blocks[0]
      if (block?.type === 'text' && block.text.includes('secret')) losses.dropped('say', 'secret', 'semantic')
      return { model, stream, say: block?.type === 'text' ? block.text : '', by: id }
    },
    decodeReply: decodeReply,
    encodeReply: (reply) => encodeReply(id, reply),
    createStreamDecoder: createDecoder,
    createStreamEncoder: (options) => createEncoder(id, options),
    createRelay,
    summarize: (body) => {
      const usage = isJsonObject(body) ? usageOf(body.usage) : undefined
      return { complete: true, contentEvents: 0, ...(usage && { usage }) }
    },
    decodeError: (status, body) => ({ status, kind: kindOfStatus(status), message: body.toString() || `status ${status}`, vendorType: 'toy' }),
    encodeError: (error, requestId) => ({ [`${id}-error`]: error.message, code: error.code ?? null, kind: error.kind, requestId }),
    encodeStreamError: (error) => formatEvent(JSON.stringify({ failed: error.message })),
    ping: ': ping\n\n',
    tokenCount: {
      request: (body) => ({ ...body, counting: true }),
      read: (body) => (isJsonObject(body) && typeof body.tokens === 'number' ? body.tokens : undefined),
      write: (tokens) => ({ tokens }),
    },
    embeddings: {
      decodeRequest: (body) => ({ model: String(body.model), inputs: (body.inputs as readonly Json[]).map(String), encoding: 'float', single: false }),
      encodeRequest: ({ model, inputs }) => ({ model, inputs: inputs as readonly string[], by: id }),
      decodeReply: (body) => ({ vectors: isJsonObject(body) ? (body.vectors as unknown as number[][]) : [] }),
      encodeReply: ({ vectors }, { model }) => ({ vectors: vectors as Json, by: id, model }),
    },
    framing: ({ query }) => (query.get('form') === 'lines' ? lines() : undefined),
  }
}

/** One event's data to a line, and a last line. */
function lines(): StreamFraming {
  return {
    contentType: 'application/x-lines',
    push: (events) =>
      parseEvents(String(events))
        .map(({ data }) => `${data}\n`)
        .join(''),
    end: () => 'done',
  }
}

function decodeReply(body: Json): Reply {
  if (!isJsonObject(body) || typeof body.text !== 'string') throw new GatewayError('TKL_UPSTREAM_MALFORMED', 'no text')
  const usage = usageOf(body.usage)
  return { id: 'r1', candidates: [{ blocks: [textBlock(body.text)], finish: { reason: 'stop', raw: 'done' } }], ...(usage && { usage }) }
}

function encodeReply(id: string, reply: Reply): Json {
  const text = reply.candidates[0]?.blocks.map((block) => (block.type === 'text' ? block.text : '')).join('') ?? ''
  return { text, by: id, usage: { in: reply.usage?.inputUncached ?? null, out: reply.usage?.output ?? null } }
}

function createDecoder(): StreamDecoder {
  let opened = false
  let whole = false
  return {
    push({ data }) {
      const events: ReplyEvent[] = opened
        ? []
        : [
            { type: 'reply-start', id: 'r1' },
            { type: 'block-start', index: 0, block: textBlock('') },
          ]
      opened = true
      if (data === 'END') {
        whole = true
        return [...events, { type: 'block-end', index: 0 }, { type: 'finish', finish: { reason: 'stop', raw: 'done' } }, { type: 'reply-end' }]
      }
      const value = JSON.parse(data) as Record<string, Json>
      const usage = usageOf(value.usage)
      if (typeof value.failed === 'string') return [{ type: 'error', error: { status: 529, kind: 'overloaded', message: value.failed, vendorType: 'toy' } }]
      return usage ? [...events, { type: 'usage', usage }] : [...events, { type: 'block-delta', index: 0, delta: { type: 'text', text: String(value.text) } }]
    },
    end: () => (whole ? [] : [{ type: 'error', error: { status: 502, kind: 'upstream', message: 'cut', code: 'TKL_UPSTREAM_CUT' } }]),
  }
}

function createEncoder(id: string, _options: EncodeReplyOptions): StreamEncoder {
  let usage: Usage | undefined
  return {
    push(event) {
      if (event.type === 'usage') usage = event.usage
      if (event.type === 'block-start' && event.block.type === 'text' && event.block.text !== '')
        return formatEvent(JSON.stringify({ text: event.block.text, by: id }))
      if (event.type === 'block-delta' && event.delta.type === 'text') return formatEvent(JSON.stringify({ text: event.delta.text, by: id }))
      if (event.type === 'reply-end')
        return formatEvent(JSON.stringify({ usage: { in: usage?.inputUncached ?? null, out: usage?.output ?? null } })) + formatEvent('END')
      return ''
    },
  }
}

function createRelay(): StreamRelay {
  const withheld: Buffer[] = []
  let seen = ''
  return {
    withheld,
    push(events) {
      seen += events.toString()
      const end = withheld.length > 0 ? 0 : events.indexOf('data: END')
      if (end === -1) return events
      withheld.push(events.subarray(end))
      return events.subarray(0, end)
    },
    summary() {
      const usage = /"usage":(\{[^}]*\})/.exec(seen)?.[1]
      const failed = /"failed":"([^"]*)"/.exec(seen)?.[1]
      const known = usage === undefined ? undefined : usageOf(JSON.parse(usage) as Json)
      return {
        complete: withheld.length > 0,
        contentEvents: seen.split('"text"').length - 1,
        ...(known && { usage: known }),
        ...(failed !== undefined && { error: { status: 529, kind: 'overloaded' as const, message: failed, vendorType: 'toy' } }),
      }
    },
  }
}

export const toyProtocolPlugin = definePlugin({
  kind: 'protocol',
  name: 'toy',
  apiVersion: 1,
  options: z.strictObject({ protocol: z.string() }),
  setup: (_api, { protocol }) => toyProtocol(protocol),
})
