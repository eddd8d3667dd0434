import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import * as core from 'tokligence'
import * as plugins from 'tokligence/plugins'
import { z } from 'zod'
import { loadConfig } from '../../core/config/load.ts'

/** Reloads a gateway many times while requests of both kinds run through it, and reports what that did to requests, heap and handles. */
const reloads = Number(process.argv[2])
const folder = mkdtempSync(join(tmpdir(), 'tokligence-reload-'))
const path = join(folder, 'gateway.config.ts')
const modules: Record<string, object> = { tokligence: core, 'tokligence/plugins': plugins }
const hostModules = (specifier: string) => modules[specifier]

let counted = 0
const counter = core.definePlugin({
  kind: 'limiter',
  name: 'counter',
  apiVersion: 1,
  options: z.strictObject({}),
  setup(api) {
    const counts = api.shared(
      'counter',
      () => ({ requests: 0 }),
      () => undefined,
    )
    api.hooks.guardRequest.tap(() => {
      counted = ++counts.requests
      return undefined
    })
  },
})

function writeConfig(number: number): void {
  writeFileSync(
    path,
    `import { defineConfig } from 'tokligence'
import { anthropicMessages, loopback, modelRoutes, openaiChat, sqliteLedger } from 'tokligence/plugins'
import { name } from './name.ts'
export default defineConfig({
  listen: { port: 0 },
  log: { level: 'silent' },
  plugins: [openaiChat(), anthropicMessages(), loopback(), modelRoutes({ [name]: 'loopback', 'loopback*': 'loopback' }), sqliteLedger({ path: ${JSON.stringify(join(folder, 'ledger.db'))} })],
})
`,
  )
  writeFileSync(join(folder, 'name.ts'), `export const name = 'alias-${number}'\n`)
}

async function load(number: number): Promise<core.GatewayConfig> {
  writeConfig(number)
  const { config } = await loadConfig(path, { hostModules, cwd: folder })
  return { ...config, plugins: [...config.plugins, counter()] }
}

const gateway = await core.createGateway(await load(0))
const { url } = await gateway.listen()
let sent = 0
let failed = 0
let running = true

async function callForever(stream: boolean): Promise<void> {
  while (running) {
    sent++
    const response = await fetch(`${url}/v1/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ model: 'loopback', stream, messages: [{ role: 'user', content: 'one two three four' }] }),
    })
    const text = await response.text()
    if (!response.ok || !(stream ? text.endsWith('data: [DONE]\n\n') : text.includes('one two three four'))) failed++
  }
}

function measure() {
  for (let round = 0; round < 3; round++) globalThis.gc?.()
  return { heap: process.memoryUsage().heapUsed, handles: process.getActiveResourcesInfo().filter((name) => name !== 'Timeout' && name !== 'Immediate').length }
}

const warmUp = Math.ceil(reloads / 10)
const callers = [callForever(true), callForever(false), callForever(true)]
for (let number = 1; number <= warmUp; number++) await gateway.reload(await load(number))
const before = measure()
for (let number = warmUp + 1; number <= reloads; number++) await gateway.reload(await load(number))
const after = measure()
running = false
await Promise.all(callers)
await sleep(50)
const generation = gateway.generation
await gateway.close()
rmSync(folder, { recursive: true })
console.log(JSON.stringify({ reloads, generation, sent, failed, counted, before, after }))
