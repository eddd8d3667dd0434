import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import * as core from 'tokligence'
import * as plugins from 'tokligence/plugins'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { loadConfig } from '../core/config/load.ts'

const root = fileURLToPath(new URL('../recipes/', import.meta.url))
const recipes = readdirSync(root)
const modules: Record<string, object> = { tokligence: core, 'tokligence/plugins': plugins }
const hostModules = (specifier: string) => modules[specifier]
let folder: string

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tokligence-recipes-'))
  vi.stubEnv('TOKLIGENCE_LEDGER_PATH', join(folder, 'ledger.db'))
  vi.stubEnv('OPENAI_API_KEY', 'sk-test')
  vi.stubEnv('ANTHROPIC_API_KEY', 'sk-test')
  vi.stubEnv('GEMINI_API_KEY', 'sk-test')
})

afterAll(() => {
  vi.unstubAllEnvs()
  rmSync(folder, { recursive: true, force: true })
})

async function start(path: string) {
  const { config } = await loadConfig(path, { hostModules })
  const gateway = await core.createGateway({ ...config, listen: { port: 0 }, log: { level: 'silent' } })
  const { url } = await gateway.listen()
  return { gateway, url }
}

function say(url: string, content: string): Promise<Response> {
  const body = JSON.stringify({ model: 'loopback', messages: [{ role: 'user', content }] })
  return fetch(`${url}/v1/chat/completions`, { method: 'POST', headers: { 'content-type': 'application/json' }, body })
}

describe('every recipe', () => {
  it.each(recipes)('%s has a README, starts, and lists its models', async (recipe) => {
    expect(existsSync(join(root, recipe, 'README.md'))).toBe(true)
    const { gateway, url } = await start(join(root, recipe, 'gateway.config.ts'))
    try {
      expect((await fetch(`${url}/v1/models`)).status).toBe(200)
    } finally {
      await gateway.close()
    }
  })
})

describe('the recipe with a plugin of one’s own', () => {
  it('changes what the caller reads, but not where it is told not to', async () => {
    const { gateway, url } = await start(join(root, 'custom-plugin', 'gateway.config.ts'))
    try {
      expect(await (await say(url, 'quiet words')).text()).toContain('QUIET WORDS')
      expect(await (await say(url, 'quiet json')).text()).toContain('quiet json')
    } finally {
      await gateway.close()
    }
  })
})
