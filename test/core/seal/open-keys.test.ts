import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { GatewayError, type SealableBlock, Secret } from 'tokligence'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { resolveConfig } from '../../../core/config/resolve.ts'
import { createLogger } from '../../../core/logger.ts'
import type { GatewaySeals } from '../../../core/seal/gateway-seals.ts'
import { openSealKeys } from '../../../core/seal/open-keys.ts'
import { SharedStore } from '../../../core/shared.ts'

const block: SealableBlock = { type: 'text', text: 'a', sealed: { issuer: 'wire', value: 's' } }
const hex = '0f'.repeat(32)
const base64 = Buffer.from(hex, 'hex').toString('base64')
const keeper = (seals: GatewaySeals) => seals.keeperFor('one', 'account', 'wire')

let folder = ''
let lines: string[] = []
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tokligence-seal-'))
  lines = []
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

function open(environment: NodeJS.ProcessEnv, key?: Secret, shared = new SharedStore()) {
  const logger = createLogger({ level: 'info', format: 'json', destination: { write: (line) => void lines.push(line) } })
  return openSealKeys({ key, shared, logger, environment: { TOKLIGENCE_LEDGER_PATH: join(folder, 'ledger.db'), ...environment } })
}

describe('the key of seals', () => {
  it('is the configured one, else that of the environment, in hex or base64', () => {
    const seal = keeper(open({}, new Secret(hex)).seals).seal(block)
    const other = Buffer.alloc(32, 9).toString('base64')
    for (const { seals } of [
      open({}, new Secret(base64)),
      open({ TOKLIGENCE_SEAL_KEY: `${base64}\n` }),
      open({ TOKLIGENCE_SEAL_KEY: base64.replace('=', '') }),
      open({ TOKLIGENCE_SEAL_KEY: other }, new Secret(hex)),
    ])
      expect(keeper(seals).open(seal)).toEqual(block)
    expect(keeper(open({ TOKLIGENCE_SEAL_KEY: other }).seals).open(seal)).toBe('broken')
    expect(readdirSync(folder)).toEqual([])
  })

  it('is else in the file beside the ledger, which is not touched before something is sealed', () => {
    const one = open({ TOKLIGENCE_SEAL_KEY: '' }).seals
    expect(readdirSync(folder)).toEqual([])
    const seal = keeper(one).seal(block)
    expect(readdirSync(folder)).toEqual(['seal.key'])
    expect(keeper(open({}).seals).open(seal)).toEqual(block)
    expect(lines).toEqual([])
  })

  it('is made up when the file cannot be, with one warning, and outlives a reload', async () => {
    writeFileSync(join(folder, 'seal.key'), 'something else')
    const shared = new SharedStore()
    const before = open({}, undefined, shared)
    const seal = keeper(before.seals).seal(block)
    keeper(before.seals).seal(block)
    const after = open({}, undefined, shared)
    await before.release()
    expect(keeper(after.seals).open(seal)).toEqual(block)
    expect(keeper(open({}).seals).open(seal)).toBe('broken')
    expect(lines).toHaveLength(2)
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({ level: 'warn', msg: expect.stringContaining(`seals can be kept in ${join(folder, 'seal.key')}`) })
    await after.release()
    expect(shared.size).toBe(0)
  })

  it.each(['', 'short', `${hex}00`, Buffer.alloc(33).toString('base64'), 'ü'.repeat(43)])(
    'is refused at the start when it is %j, without being told',
    (text) => {
      expect(() => resolveConfig({ plugins: [], seals: { key: text } })).toThrow(/seals.key/)
      if (text === '') return
      const refused = () => open({ TOKLIGENCE_SEAL_KEY: text })
      expect(refused).toThrow('TOKLIGENCE_SEAL_KEY: must be 32 bytes in base64 or hex')
      expect(refused).toThrow(GatewayError)
      expect(refused).not.toThrow(text)
    },
  )

  it('may come from the environment or a file, like every secret', () => {
    writeFileSync(join(folder, 'key'), `${hex}\n`)
    expect(resolveConfig({ plugins: [], seals: { key: { file: join(folder, 'key') } } }).seals.key?.reveal()).toBe(hex)
    expect(resolveConfig({ plugins: [], seals: { key: { env: 'NOT_SET_ANYWHERE', optional: true } } }).seals.key).toBeUndefined()
  })
})
