import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { GatewayError, type SealableBlock, type SealIssuer, Secret } from 'tokligence'
import signedSeals from 'tokligence/plugins/seal/signed-seals'
import { fakePluginApi } from 'tokligence/testing'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { SharedStore } from '../../../../core/shared.ts'
import { openSealKeys } from '../../../../plugins/seal/signed-seals/open-keys.ts'
import { recordingLogger, setUp } from '../../set-up.ts'

const block: SealableBlock = { type: 'text', text: 'a', sealed: { issuer: 'wire', value: 's' } }
const hex = '0f'.repeat(32)
const base64 = Buffer.from(hex, 'hex').toString('base64')
const keeper = (seals: SealIssuer) => seals.keeperFor('one', 'account', 'wire')

let folder = ''
let log = recordingLogger()
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tokligence-seal-'))
  log = recordingLogger()
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

function openWith(environment: NodeJS.ProcessEnv, key?: Secret, sharedStore = new SharedStore(), olderKeys: readonly Secret[] = []) {
  const api = { ...fakePluginApi({ sharedStore }), logger: log.logger }
  return { api, seals: openSealKeys(api, { key, olderKeys }, { TOKLIGENCE_LEDGER_PATH: join(folder, 'ledger.db'), ...environment }) }
}

const open = (environment: NodeJS.ProcessEnv, key?: Secret) => openWith(environment, key).seals

describe('the key of seals', () => {
  it('is the configured one, else that of the environment, in hex or base64', () => {
    const seal = keeper(open({}, new Secret(hex))).seal(block)
    const other = Buffer.alloc(32, 9).toString('base64')
    for (const seals of [
      open({}, new Secret(base64)),
      open({ TOKLIGENCE_SEAL_KEY: `${base64}\n` }),
      open({ TOKLIGENCE_SEAL_KEY: base64.replace('=', '') }),
      open({ TOKLIGENCE_SEAL_KEY: other }, new Secret(hex)),
    ])
      expect(keeper(seals).open(seal)).toEqual(block)
    expect(keeper(open({ TOKLIGENCE_SEAL_KEY: other })).open(seal)).toBe('broken')
    expect(readdirSync(folder)).toEqual([])
  })

  it('is else in the file beside the ledger, which is not touched before something is sealed', () => {
    const one = open({ TOKLIGENCE_SEAL_KEY: '' })
    expect(readdirSync(folder)).toEqual([])
    const seal = keeper(one).seal(block)
    expect(readdirSync(folder)).toEqual(['seal.key'])
    expect(keeper(open({})).open(seal)).toEqual(block)
    expect(log.lines).toEqual([])
  })

  it('is made up when the file cannot be, with one warning, and outlives a reload', async () => {
    writeFileSync(join(folder, 'seal.key'), 'something else')
    const store = new SharedStore()
    const before = openWith({}, undefined, store)
    const seal = keeper(before.seals).seal(block)
    keeper(before.seals).seal(block)
    const after = openWith({}, undefined, store)
    await before.api.dispose()
    expect(keeper(after.seals).open(seal)).toEqual(block)
    expect(keeper(open({})).open(seal)).toBe('broken')
    expect(log.lines).toHaveLength(2)
    expect(log.lines[0]).toMatchObject({ level: 40, msg: expect.stringContaining(`seals can be kept in ${join(folder, 'seal.key')}`) })
    await after.api.dispose()
    expect(store.size).toBe(0)
  })

  it.each(['', 'short', `${hex}00`, Buffer.alloc(33).toString('base64'), 'ü'.repeat(43)])(
    'is refused at the start when it is %j, without being told',
    (text) => {
      expect(() => signedSeals({ key: text })).toThrow(/seal plugin "signed-seals": option "key"/)
      if (text === '') return
      expect(() => signedSeals({ key: text })).toThrow('must be 32 bytes in base64 or hex')
      for (const refused of [() => signedSeals({ key: text }), () => open({ TOKLIGENCE_SEAL_KEY: text })]) {
        expect(refused).toThrow(GatewayError)
        expect(refused).not.toThrow(text)
      }
      expect(() => open({ TOKLIGENCE_SEAL_KEY: text })).toThrow('TOKLIGENCE_SEAL_KEY: must be 32 bytes in base64 or hex')
    },
  )

  it('gives way to another: its seals are still opened where it is named as an older one', async () => {
    const other = Buffer.alloc(32, 9).toString('base64')
    const seal = keeper(open({}, new Secret(hex))).seal(block)
    for (const rotated of [
      await setUp<SealIssuer>(signedSeals({ key: other, olderKeys: [base64] })),
      openWith({ TOKLIGENCE_SEAL_KEY: other }, undefined, undefined, [new Secret(hex)]).seals,
      openWith({}, undefined, undefined, [new Secret(hex)]).seals,
    ]) {
      expect(keeper(rotated).open(seal)).toEqual(block)
      expect(keeper(open({}, new Secret(hex))).open(keeper(rotated).seal(block))).toBe('broken')
    }
    expect(() => signedSeals({ olderKeys: ['short'] })).toThrow('must be 32 bytes in base64 or hex')
  })

  it('may come from the environment or a file, like every secret', async () => {
    writeFileSync(join(folder, 'key'), `${hex}\n`)
    const seal = keeper(open({}, new Secret(hex))).seal(block)
    expect(keeper(await setUp<SealIssuer>(signedSeals({ key: { file: join(folder, 'key') } }))).open(seal)).toEqual(block)
    expect(keeper(await setUp<SealIssuer>(signedSeals({ key: { env: 'NOT_SET_ANYWHERE', optional: true } }))).open(seal)).toBe('broken')
    expect(() => signedSeals({ key: { env: 'NOT_SET_ANYWHERE' } })).toThrow('NOT_SET_ANYWHERE')
  })
})

it.each([5, true, null])('%s is no way to keep copies, and the error names both that are', (copies) => {
  expect(() => signedSeals({ copies } as never)).toThrow('option "copies": expected false or object.')
})
