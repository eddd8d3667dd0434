import { type Protocol, type SealIssuer, sealPrefix } from 'tokligence'
import { protocols, translations } from 'tokligence/plugins'
import { expect, it } from 'vitest'
import { setUp } from '../../set-up.ts'

const key = Buffer.alloc(32, 8).toString('base64')

it('holds every direction between two protocols', async () => {
  const ids = await Promise.all(protocols().map(async (plugin) => (await setUp<Protocol>(plugin)).id))
  const directions = ids.flatMap((from) => ids.filter((to) => to !== from).map((to) => `${from}-to-${to}`))
  expect(
    translations()
      .filter(({ kind }) => kind === 'translation')
      .map(({ id }) => id)
      .toSorted(),
  ).toEqual(directions.toSorted())
})

it('holds the seals, with the options that it is given for them', async () => {
  const keyIdOf = async (options?: Parameters<typeof translations>[0]) => {
    const [seals, ...others] = translations(options).filter(({ kind }) => kind === 'seal')
    expect(others).toEqual([])
    const keeper = seals && (await setUp<SealIssuer>(seals)).keeperFor('one', 'account', 'wire')
    return keeper?.seal({ type: 'text', text: 'a', sealed: { issuer: 'wire', value: 's' } }).split('.')
  }
  const own = await keyIdOf({ seals: { key } })
  expect(`${own?.[0]}.`).toBe(sealPrefix)
  expect(own).toEqual(await keyIdOf({ seals: { key } }))
  expect(own?.[1]).not.toBe((await keyIdOf())?.[1])
  expect(() => translations({ seals: { key: 'short' } })).toThrow('seal plugin "signed-seals": option "key": must be 32 bytes')
})
