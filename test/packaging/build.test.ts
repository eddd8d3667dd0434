import { existsSync, mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, describe, expect, it } from 'vitest'
import { createSmallClone, runNode, type SmallClone } from './small-clone.ts'

const clones: SmallClone[] = []

function clone(): SmallClone {
  const made = createSmallClone()
  clones.push(made)
  return made
}

afterEach(() => {
  for (const made of clones.splice(0)) made.dispose()
})

const progress = 'Building tokligence from its sources …\n'

describe('building a clone', () => {
  it('builds again after a source changed, was added or was deleted', async () => {
    const small = clone()
    await small.run()
    small.write('plugins/index.ts', "export { thing } from './demo/thing/index.ts'\nexport const greeting: string = 'changed'\n")
    const changed = await small.run()
    expect(changed.stderr).toBe(progress)
    expect(JSON.parse(changed.stdout)).toMatchObject({ greeting: 'changed' })

    small.write('plugins/demo/other/index.ts', 'export const other: number = 1\n')
    expect((await small.run()).stderr).toBe(progress)
    expect(existsSync(join(small.root, 'dist/plugins/demo/other/index.js'))).toBe(true)

    small.remove('plugins/demo/other')
    expect((await small.run()).stderr).toBe(progress)
    expect(existsSync(join(small.root, 'dist/plugins/demo/other/index.js'))).toBe(false)
  })

  it('keeps the chunks that a running gateway may still import, until "npm run build"', async () => {
    const small = clone()
    await small.run()
    small.write('dist/chunks/chunk-OLD.js', 'export {}\n')
    small.write('core/counter.ts', 'export const counter = { value: 1 }\n')
    await small.run()
    expect(existsSync(join(small.root, 'dist/chunks/chunk-OLD.js'))).toBe(true)
    await runNode([join(small.root, 'packaging/run-build.mjs')])
    expect(existsSync(join(small.root, 'dist/chunks/chunk-OLD.js'))).toBe(false)
    expect(await small.run()).toMatchObject({ code: 0, stderr: '' })
  })

  it('fails on what esbuild only warns of, such as an import that would be dropped', async () => {
    const small = clone()
    small.write('plugins/index.ts', "import './demo/thing/index.ts'\nexport const greeting: string = 'hello'\n")
    const { code, stderr } = await runNode([join(small.root, 'packaging/run-build.mjs')])
    expect(code).toBe(1)
    expect(stderr).toContain('plugins/index.ts:1:7')
    expect(stderr).not.toContain('    at ')
  })

  it('keeps the declarations, which another tool writes', async () => {
    const small = clone()
    small.write('dist/core/index.d.ts', 'export {}\n')
    await small.run()
    expect(existsSync(join(small.root, 'dist/core/index.d.ts'))).toBe(true)
  })

  it('leaves dist stale when the build failed', async () => {
    const small = clone()
    await small.run()
    small.write('core/counter.ts', 'export const counter = {\n')
    expect((await small.run()).code).toBe(78)
    expect((await small.run()).code).toBe(78)
    small.write('core/counter.ts', 'export const counter = { value: 0 }\n')
    expect((await small.run()).code).toBe(0)
  })

  it('lets one of several processes build while the others wait', async () => {
    const small = clone()
    const runs = await Promise.all([small.run(), small.run(), small.run()])
    expect(runs.map((run) => run.code)).toEqual([0, 0, 0])
    expect(runs.filter((run) => run.stderr.includes(progress))).toHaveLength(1)
  })

  it('takes over the lock of a process that was killed', async () => {
    const small = clone()
    mkdirSync(join(small.root, 'dist/.lock'), { recursive: true })
    writeFileSync(join(small.root, 'dist/.lock/pid'), String(await pidOfTheDead()))
    expect(await small.run()).toMatchObject({ code: 0, stderr: progress })
    expect(readdirSync(join(small.root, 'dist')).filter((name) => name.startsWith('.lock'))).toEqual([])
  })

  it('waits for the lock of a process that lives', async () => {
    const small = clone()
    mkdirSync(join(small.root, 'dist/.lock'), { recursive: true })
    writeFileSync(join(small.root, 'dist/.lock/pid'), String(process.pid))
    const run = small.run()
    const early = await Promise.race([run, new Promise((resolve) => setTimeout(resolve, 700, 'waiting'))])
    expect(early).toBe('waiting')
    small.remove('dist/.lock')
    const { code, stderr } = await run
    expect({ code, stderr }).toEqual({ code: 0, stderr: `Waiting for another process that is building tokligence …\n${progress}` })
  })

  it('looks for changes in under 30 ms on the real sources', async () => {
    const module = new URL('../../packaging/source-fingerprint.mjs', import.meta.url).href
    const root = fileURLToPath(new URL('../..', import.meta.url))
    const program = `
      const { sourceFingerprint } = await import(${JSON.stringify(module)})
      const times = Array.from({ length: 9 }, () => { const start = performance.now(); sourceFingerprint(${JSON.stringify(root)}); return performance.now() - start })
      console.log(times.sort((left, right) => left - right)[4])`
    const { stdout } = await runNode(['--input-type=module', '--eval', program])
    expect(Number(stdout)).toBeGreaterThan(0)
    expect(Number(stdout)).toBeLessThan(30)
  })

  it('keeps the start script executable', () => {
    expect(statSync(fileURLToPath(new URL('../../core/cli/bin.js', import.meta.url))).mode & 0o111).toBe(0o111)
  })
})

/** The pid of a process that has just ended. */
async function pidOfTheDead(): Promise<number> {
  const { stdout } = await runNode(['--eval', 'console.log(process.pid)'])
  return Number(stdout)
}
