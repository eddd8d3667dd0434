import { createServer, type RequestListener } from 'node:http'
import { type AddressInfo, createServer as createTcpServer, type Server, type Socket } from 'node:net'
import { onTestFinished } from 'vitest'
import type { UpstreamRequest } from '../../../core/contracts/upstream.ts'
import { SharedStore } from '../../../core/shared.ts'
import { HttpTransport } from '../../../core/upstream/transport.ts'

/** An HTTP server for one test. Resolves with its origin. */
export function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener)
  onTestFinished(() => server.close().closeAllConnections())
  return listening(server)
}

/** A TCP server for one test, for what no HTTP server would send. Resolves with its origin, of plain HTTP. */
export function serveSocket(listener: (socket: Socket) => void): Promise<string> {
  const sockets = new Set<Socket>()
  const server = createTcpServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => socket.destroy())
    listener(socket)
  })
  onTestFinished(() => {
    server.close()
    for (const socket of sockets) socket.destroy()
  })
  return listening(server)
}

async function listening(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

export function openTransport(): { transport: HttpTransport; shared: SharedStore } {
  const shared = new SharedStore()
  const transport = new HttpTransport(shared)
  onTestFinished(() => transport.dispose())
  return { transport, shared }
}

export function requestTo(origin: string): UpstreamRequest {
  return { method: 'POST', origin, path: '/', headers: [], body: '{}', timeouts: { connect: 5_000, firstByte: 5_000, idle: 5_000 } }
}

/** Waits until the figure has not changed for 150 ms, and answers with it. */
export async function settled(figure: () => number): Promise<number> {
  for (;;) {
    const before = figure()
    await new Promise((resolve) => setTimeout(resolve, 150))
    if (figure() === before) return before
  }
}
