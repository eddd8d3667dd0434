import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import Anthropic from '@anthropic-ai/sdk'

export interface SdkReader {
  /** What the official client makes of a stream. Rejects as the client does, for instance at an `error` event. */
  read(stream: Buffer | string): Promise<Anthropic.Message>
  close(): Promise<void>
}

/** The official client, reading from a server on the loopback that answers with given bytes. */
export async function openSdkReader(): Promise<SdkReader> {
  const answers = new Map<string, Buffer | string>()
  const server = createServer((request, response) => {
    request.resume()
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    response.end(answers.get(String(request.headers['x-answer'])))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const client = new Anthropic({ apiKey: 'test', baseURL: `http://127.0.0.1:${port}`, maxRetries: 0, logLevel: 'off' })
  let next = 0
  return {
    async read(stream) {
      const id = String(next++)
      answers.set(id, stream)
      try {
        const body = { model: 'claude-test', max_tokens: 10, messages: [{ role: 'user' as const, content: 'hello' }] }
        return await client.messages.stream(body, { headers: { 'x-answer': id } }).finalMessage()
      } finally {
        answers.delete(id)
      }
    },
    async close() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}
