import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import Database from 'better-sqlite3'
import { afterAll, beforeAll, expect, it } from 'vitest'

const rounds = Number(process.env.TOKLIGENCE_KILL_ROUNDS ?? 20)
const bin = fileURLToPath(new URL('../../core/cli/bin.js', import.meta.url))

let folder: string
let port: number
let gateway: ChildProcess | undefined
/** Ids of requests whose answer was seen whole. */
const acknowledged = new Set<string>()
let attempted = 0

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tokligence-kill-'))
  port = await freePort()
  writeFileSync(
    join(folder, 'gateway.config.ts'),
    `import { defineConfig } from 'tokligence'
import { anthropicMessages, health, loopback, modelRoutes, openaiChat, sqliteLedger } from 'tokligence/plugins'
export default defineConfig({
  listen: { port: ${port} },
  log: { level: 'error' },
  plugins: [openaiChat(), anthropicMessages(), loopback(), modelRoutes({ 'loopback*': 'loopback' }), health(), sqliteLedger({ path: ${JSON.stringify(join(folder, 'ledger.db'))} })],
})
`,
  )
})

afterAll(() => {
  gateway?.kill('SIGKILL')
  rmSync(folder, { recursive: true, force: true })
})

it(`loses no acknowledged request when it is killed ${rounds} times under load`, { timeout: 30_000 + rounds * 8_000 }, async () => {
  for (let round = 0; round < rounds; round++) {
    await start()
    const deadline = Date.now() + 150 + Math.random() * 400
    const callers = Array.from({ length: 12 }, (_, index) => callUntilGone(index % 3))
    await sleep(deadline - Date.now())
    gateway?.kill('SIGKILL')
    await Promise.all(callers)
  }
  await start()
  await stop()
  const database = new Database(join(folder, 'ledger.db'), { readonly: true })
  const rows = database.prepare('SELECT request_id AS id, ending FROM requests').all() as { id: string; ending: string }[]
  const open = database.prepare('SELECT count(*) AS n FROM attempts WHERE ending IS NULL').get() as { n: number }
  const twice = database.prepare('SELECT count(*) AS n FROM (SELECT request_id FROM requests GROUP BY request_id HAVING count(*) > 1)').get() as { n: number }
  database.close()
  const booked = new Map(rows.map((row) => [row.id, row.ending]))
  const missing = [...acknowledged].filter((id) => booked.get(id) !== 'complete')
  const interrupted = rows.filter((row) => row.ending === 'interrupted').length
  console.info(
    `kill: ${rounds} kills, ${attempted} requests sent, ${acknowledged.size} acknowledged, ${missing.length} missing, ${twice.n} twice, ${interrupted} interrupted, ${open.n} left open`,
  )
  expect(acknowledged.size).toBeGreaterThan(rounds)
  expect(missing).toEqual([])
  expect(twice.n).toBe(0)
  expect(open.n).toBe(0)
  expect(interrupted).toBeGreaterThan(0)
})

async function start(): Promise<void> {
  gateway = spawn(process.execPath, [bin, 'start', '--config', join(folder, 'gateway.config.ts')], { cwd: folder, stdio: ['ignore', 'ignore', 'inherit'] })
  for (let tries = 0; tries < 400; tries++) {
    const up = await fetch(`http://127.0.0.1:${port}/health`).then(
      (response) => response.ok,
      () => false,
    )
    if (up) return
    await sleep(25)
  }
  throw new Error('the gateway did not come up')
}

function stop(): Promise<void> {
  return new Promise((resolve) => {
    gateway?.once('exit', () => resolve())
    gateway?.kill('SIGTERM')
  })
}

/** Calls one after another until the connection breaks; notes the ids of those that came whole. */
async function callUntilGone(kind: number): Promise<void> {
  for (;;) {
    const id = `kill-${attempted++}`
    try {
      const body = { model: kind === 2 ? 'loopback-slow' : 'loopback', stream: kind > 0, messages: [{ role: 'user', content: 'a b c d e f g h' }] }
      const response = await fetch(`http://127.0.0.1:${port}/v1/chat/completions`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'x-request-id': id },
        body: JSON.stringify(body),
      })
      const text = await response.text()
      if (kind > 0 ? text.includes('data: [DONE]') : JSON.parse(text).choices) acknowledged.add(id)
    } catch {
      return
    }
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0))
    })
  })
}
