import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterEach, describe, expect, it } from 'vitest'
import { createSmallClone, type SmallClone } from '../../packaging/small-clone.ts'

const clones: SmallClone[] = []

function clone(options?: { readonly dependencies: boolean }): SmallClone {
  const made = createSmallClone(options)
  clones.push(made)
  return made
}

afterEach(() => {
  for (const made of clones.splice(0)) made.dispose()
})

describe('the start script', () => {
  it('builds on the first start, says so in one line on stderr, and passes the arguments on', async () => {
    const { code, stdout, stderr } = await clone().run()
    expect({ code, stderr }).toEqual({ code: 0, stderr: 'Building tokligence from its sources …\n' })
    expect(JSON.parse(stdout)).toMatchObject({ arguments: ['one', 'two'], greeting: 'hello' })
  })

  it('gives the command line and the plugins one and the same core', async () => {
    const { stdout } = await clone().run()
    expect(JSON.parse(stdout)).toMatchObject({ counted: 1 })
  })

  it('is silent when dist is as new as the sources', async () => {
    const small = clone()
    await small.run()
    expect(await small.run()).toMatchObject({ code: 0, stderr: '' })
  })

  it('names the file and the line when the sources do not build, and exits 78', async () => {
    const small = clone()
    small.write('core/counter.ts', 'export const counter = {\n')
    const { code, stderr } = await small.run()
    expect(code).toBe(78)
    expect(stderr).toContain('core/counter.ts:2:0')
  })

  it('asks for "npm ci" in a clone without dependencies, and exits 78', async () => {
    const { code, stderr } = await clone({ dependencies: false }).run()
    expect({ code, stderr }).toEqual({ code: 78, stderr: 'tokligence: The dependencies are not installed; run "npm ci" first.\n' })
  })

  it('never builds in a published package, which has no tsconfig.json', async () => {
    const small = clone()
    await small.run()
    small.remove('tsconfig.json')
    small.write('plugins/index.ts', 'this does not even parse')
    expect(await small.run()).toMatchObject({ code: 0, stderr: '' })
  })

  it.each([
    ['18.20.8', 78],
    ['20.18.3', 78],
    ['20.19.0', 0],
    ['21.7.3', 78],
    ['22.11.0', 78],
    ['22.12.0', 0],
    ['24.1.0', 0],
  ])('on Node %s exits with %d', async (version, expected) => {
    const small = clone()
    const disguise = mkdtempSync(join(tmpdir(), 'tokligence-node-'))
    const preload = join(disguise, 'version.mjs')
    writeFileSync(preload, `Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '${version}' } })`)
    const { code, stderr } = await small.run(['--import', pathToFileURL(preload).href])
    rmSync(disguise, { recursive: true })
    expect(code).toBe(expected)
    if (expected === 78) expect(stderr).toMatch(`Node.js 20.19, 22.12 or newer is needed, and this is ${version}`)
  })

  it('checks the version of Node before it looks at anything else', async () => {
    const small = clone({ dependencies: false })
    small.remove('packaging')
    mkdirSync(join(small.root, 'preload'))
    small.write('preload/old.mjs', "Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '16.0.0' } })")
    const { stderr } = await small.run(['--import', pathToFileURL(join(small.root, 'preload/old.mjs')).href])
    expect(stderr).toMatch(/^tokligence: Node\.js 20\.19, 22\.12 or newer is needed[^\n]*\n$/)
  })
})
