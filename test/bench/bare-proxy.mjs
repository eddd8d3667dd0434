/** The least that a proxy on node:http and undici can do: no routing, no checks, no records. The measure that the gateway is held against. */
import { createServer } from 'node:http'
import { Pool } from 'undici'

const pool = new Pool(process.argv[2])
const server = createServer((request, response) => {
  const pieces = []
  request.on('data', (piece) => pieces.push(piece))
  request.on('end', () => {
    pool.dispatch(
      {
        path: request.url,
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: 'Bearer k' },
        body: pieces.length === 1 ? pieces[0] : Buffer.concat(pieces),
      },
      {
        onConnect() {},
        onHeaders(status, raw, resume) {
          const headers = {}
          for (let index = 0; index < raw.length; index += 2) headers[raw[index].toString('latin1')] = raw[index + 1].toString('latin1')
          delete headers['Transfer-Encoding']
          delete headers.Connection
          delete headers['Keep-Alive']
          response.writeHead(status, headers)
          response.on('drain', resume)
          return true
        },
        onData: (chunk) => response.write(chunk),
        onComplete: () => response.end(),
        onError: (error) => response.destroy(error),
      },
    )
  })
})
server.keepAliveTimeout = 60_000
server.listen(0, '127.0.0.1', () => process.send?.({ port: server.address().port }))
process.on('message', () => process.send?.({ cpu: process.cpuUsage(), rss: process.memoryUsage().rss }))
