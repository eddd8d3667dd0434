import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, inject, it } from 'vitest'
import { root } from '../source-files.ts'
import { runToItsEnd } from './run.ts'

const project = inject('project')

const consumer = `
import { type Conversation, createGateway, defineConfig, definePlugin, GatewayError, type Plugin } from 'tokligence'
import { anthropic, modelRoutes, openai } from 'tokligence/plugins'
import loopback from 'tokligence/plugins/provider/loopback'
import * as kit from 'tokligence/testing'
import { z } from 'zod'

declare module 'tokligence' {
  interface PluginKinds {
    almanac: { moonPhase(): number }
  }
}

export const moon = definePlugin({ kind: 'almanac', name: 'moon', apiVersion: 1, options: z.strictObject({}), setup: () => ({ moonPhase: () => 0.5 }) })
export const literal: Plugin<'almanac', 'moon'> = moon()
export const config = defineConfig({ plugins: [moon(), loopback(), openai({ id: 'eu' }), [anthropic()], modelRoutes({ a: 'eu', b: 'anthropic', c: 'loopback' })] })
export const start = () => createGateway(config)
export const blocks = (conversation: Conversation) => conversation.turns.length
export { GatewayError, kit }

// @ts-expect-error the declarations know which providers there are
defineConfig({ plugins: [openai(), modelRoutes({ a: 'openia' })] })
// @ts-expect-error the declarations are not any
export const wrong: number = moon()
// @ts-expect-error options are typed
openai({ baseUrl: 1 })
// @ts-expect-error a kind's contract is checked, also one that was added
definePlugin({ kind: 'almanac', name: 'x', apiVersion: 1, options: z.strictObject({}), setup: () => ({}) })
`

beforeAll(() => {
  mkdirSync(join(project, 'node_modules/@types'), { recursive: true })
  symlinkSync(join(root, 'node_modules/@types/node'), join(project, 'node_modules/@types/node'))
  writeFileSync(join(project, 'consumer.ts'), consumer)
})

describe('the declarations', () => {
  it.each([
    ['nodenext', 'nodenext'],
    ['bundler', 'esnext'],
  ])('serve a consumer that resolves modules like %s, libraries checked', async (moduleResolution, module) => {
    const compilerOptions = { module, moduleResolution, target: 'es2022', strict: true, skipLibCheck: false, noEmit: true, types: ['node'] }
    const path = join(project, `tsconfig.${moduleResolution}.json`)
    writeFileSync(path, JSON.stringify({ compilerOptions, files: ['consumer.ts'] }))
    const { code, stdout } = await runToItsEnd('node', [join(root, 'node_modules/typescript/bin/tsc'), '-p', path, '--pretty', 'false'], { cwd: project })
    expect({ code, stdout }).toEqual({ code: 0, stdout: '' })
  })
})
