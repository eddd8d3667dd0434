import { chmodSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { memorySessions } from 'tokligence/plugins'
import { type ScriptedUpstream, startScriptedUpstream } from 'tokligence/testing'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type LoopGateway, modelAt, startLoopGateway } from '../e2e/loops/loop-gateway.ts'
import { speakers } from '../e2e/thoughtful-vendors.ts'
import { callers } from '../e2e/vendors.ts'
import type { RecordedProtocol } from '../support/recordings.ts'
import { AgentVendors, printed } from './agent-vendors.ts'
import { type Agent, type AgentHome, claudeCode, codex, findProgram, openHome, searchedFolders } from './agents.ts'

let upstream: ScriptedUpstream
let gateway: LoopGateway
let vendors: AgentVendors
let home: AgentHome

beforeAll(async () => {
  upstream = await startScriptedUpstream()
  gateway = await startLoopGateway(upstream, { extra: [memorySessions()] })
})
afterAll(async () => {
  await gateway.close()
  await upstream.close()
})
beforeEach(async () => {
  home = openHome()
  vendors = new AgentVendors(await speakers())
  // Pieces of seven bytes cut events, lines and characters.
  upstream.always((request) => ({ ...vendors.answer(request), pieceBytes: 7 }))
})
afterEach(() => {
  home.close()
  expect(vendors.refusals).toEqual([])
})

const agents: readonly { readonly program: string; readonly agent: Agent }[] = [
  { program: 'codex', agent: codex },
  { program: 'claude', agent: claudeCode },
]

const missing = agents.filter(({ program }) => findProgram(program) === undefined).map(({ program }) => program)
if (missing.length > 0) console.info(`Not installed, so not run: ${missing.join(', ')}. Put the programs on PATH, or name their folders in TOKLIGENCE_CLIENTS.`)

it('finds a program that may be run, first where TOKLIGENCE_CLIENTS says', () => {
  const folders = ['home', 'work'].map((name) => join(home.folder, name))
  for (const [index, folder] of folders.entries()) writeFileSync(join(folder, 'agent'), '', { mode: index === 0 ? 0o600 : 0o700 })
  const [first, second] = folders as [string, string]
  expect(findProgram('agent', searchedFolders({ TOKLIGENCE_CLIENTS: first, PATH: second }))).toBe(join(second, 'agent'))
  chmodSync(join(first, 'agent'), 0o700)
  expect(findProgram('agent', searchedFolders({ TOKLIGENCE_CLIENTS: first, PATH: second }))).toBe(join(first, 'agent'))
  expect(findProgram('another', folders)).toBeUndefined()
})

describe.each(agents.filter(({ program }) => !missing.includes(program)))('$program, with vendors that refuse what they did not sign', ({ agent }) => {
  const ask = (protocol: RecordedProtocol, resumed: boolean) =>
    agent({ url: gateway.url, model: modelAt({ protocol, account: 'first' }), prompt: 'Run the shell command and tell its output.', resumed, home })

  it.each(callers)('runs two commands at once, and again when it goes on with the conversation, on %s', async (protocol) => {
    for (const resumed of [false, true]) {
      const answer = await ask(protocol, resumed)
      expect(printed.filter((text) => answer.includes(text))).toEqual(printed)
    }
  })

  it.each(callers)('goes on from %s at every other vendor, and comes back', async (protocol) => {
    const others = callers.filter((other) => other !== protocol)
    let resumed = false
    for (const next of [protocol, ...others, protocol]) {
      const answer = await ask(next, resumed)
      expect(printed.filter((text) => answer.includes(text))).toEqual(printed)
      resumed = true
    }
  })
})
