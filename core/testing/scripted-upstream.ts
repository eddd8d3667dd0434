import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'

/** What a scripted upstream answers to one request, byte for byte. */
export interface ScriptedReply {
  /** 200 when absent. */
  readonly status?: number
  readonly headers?: Readonly<Record<string, string | readonly string[]>>
  /** Text or bytes as they are; anything else is sent as JSON. */
  readonly body?: unknown
  /** Instead of `body`: pieces that are written one by one. */
  readonly pieces?: readonly (string | Buffer)[]
  /** Cuts what is written into pieces of so many bytes. */
  readonly pieceBytes?: number
  /** Milliseconds between two pieces. */
  readonly delay?: number
  /** Milliseconds before the head; Infinity for an upstream that never answers. */
  readonly headDelay?: number
  /** Writes no more than so many bytes of the body. */
  readonly cutAfter?: number
  /**
   * What follows the last byte. `end` (the default) ends the answer cleanly, whether it is whole or not; `reset` breaks the connection;
   * `hang` leaves it open until the caller goes away.
   */
  readonly ending?: 'end' | 'reset' | 'hang'
}

/** One request as it arrived. */
export interface CapturedRequest {
  readonly method: string
  /** With the query. */
  readonly path: string
  readonly headers: IncomingHttpHeaders
  /** Names and values as they were spelled on the wire. */
  readonly rawHeaders: readonly string[]
  readonly body: Buffer
  /** The body as JSON. Throws SyntaxError. */
  json(): unknown
  /** Resolves when the caller closes the connection before the answer was over, with `performance.now()` of that moment. */
  readonly gone: Promise<number>
}

export type Script = ScriptedReply | ((request: CapturedRequest) => ScriptedReply | Promise<ScriptedReply>)

export interface ScriptedUpstream {
  /** `http://127.0.0.1:<port>`, without a slash at its end. */
  readonly url: string
  /** Every request that came, in order. */
  readonly requests: readonly CapturedRequest[]
  /** The last request that came. Throws Error when there was none. */
  readonly lastRequest: CapturedRequest
  /** Queues answers; each is given once. */
  reply(...scripts: readonly Script[]): void
  /** Answers all requests for which nothing is queued. */
  always(script: Script): void
  /** Closes the server and all connections. */
  close(): Promise<void>
}

/** An HTTP server on a free port of 127.0.0.1 that plays what it is told. A request without a script is answered 500. */
export async function startScriptedUpstream(fallback?: Script): Promise<ScriptedUpstream> {
  const requests: CapturedRequest[] = []
  const queue: Script[] = []
  let standing = fallback
  const server = createServer((incoming, response) => {
    void (async () => {
      const request = await capture(incoming, response)
      requests.push(request)
      const script = queue.shift() ?? standing ?? { status: 500, body: { error: { message: 'The scripted upstream has no answer for this request.' } } }
      await play(response, typeof script === 'function' ? await script(request) : script)
    })().catch((error: unknown) => response.destroy(error instanceof Error ? error : new Error(String(error))))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    get lastRequest() {
      const last = requests.at(-1)
      if (!last) throw new Error('No request has reached the scripted upstream.')
      return last
    },
    reply: (...scripts) => void queue.push(...scripts),
    always(script) {
      standing = script
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

async function capture(incoming: IncomingMessage, response: ServerResponse): Promise<CapturedRequest> {
  const gone = new Promise<number>((resolve) => response.once('close', () => response.writableFinished || resolve(performance.now())))
  const chunks: Buffer[] = []
  for await (const chunk of incoming) chunks.push(chunk as Buffer)
  const body = Buffer.concat(chunks)
  return {
    method: incoming.method ?? '',
    path: incoming.url ?? '',
    headers: incoming.headers,
    rawHeaders: incoming.rawHeaders,
    body,
    json: () => JSON.parse(body.toString('utf8')) as unknown,
    gone,
  }
}

async function play(response: ServerResponse, reply: ScriptedReply): Promise<void> {
  const { status = 200, delay = 0, headDelay = 0, ending = 'end' } = reply
  if (headDelay === Number.POSITIVE_INFINITY) return
  if (headDelay > 0) await wait(headDelay)
  if (response.destroyed) return
  response.writeHead(status, headersOf(reply))
  response.flushHeaders()
  let sinceYield = 0
  for (const piece of piecesOf(reply)) {
    if (response.destroyed) return
    if (!response.write(piece)) await new Promise<void>((resolve) => response.once('drain', resolve).once('close', resolve))
    if (delay > 0) await wait(delay)
    else if (++sinceYield % 64 === 0) await new Promise(setImmediate)
  }
  if (ending === 'end') response.end()
  if (ending === 'reset') {
    // What was written must be on its way before the reset overtakes it.
    await wait(5)
    response.socket?.resetAndDestroy()
  }
}

function headersOf({ headers, body, pieces }: ScriptedReply): Record<string, string | string[]> {
  const isJson = pieces === undefined && body !== undefined && typeof body !== 'string' && !Buffer.isBuffer(body)
  const given = Object.entries(headers ?? {}).map(([name, value]) => [name.toLowerCase(), typeof value === 'string' ? value : [...value]] as const)
  return { ...(isJson && { 'content-type': 'application/json' }), ...Object.fromEntries(given) }
}

function piecesOf({ body, pieces, pieceBytes, cutAfter = Number.POSITIVE_INFINITY }: ScriptedReply): Buffer[] {
  const whole = (pieces ?? [bytesOf(body)]).map((piece) => (typeof piece === 'string' ? Buffer.from(piece) : piece))
  const cut: Buffer[] = []
  let left = cutAfter
  for (const piece of whole) {
    const kept = piece.subarray(0, Math.min(piece.length, left))
    left -= kept.length
    const size = pieceBytes ?? Math.max(kept.length, 1)
    for (let at = 0; at < kept.length; at += size) cut.push(kept.subarray(at, at + size))
  }
  return cut
}

function bytesOf(body: unknown): Buffer {
  if (body === undefined) return Buffer.alloc(0)
  if (Buffer.isBuffer(body)) return body
  return Buffer.from(typeof body === 'string' ? body : JSON.stringify(body))
}
