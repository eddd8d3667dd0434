import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { runNode } from '../packaging/small-clone.ts'
import { root } from '../source-files.ts'

const compiler = join(root, 'node_modules/typescript/bin/tsc')

describe('the types of the public API', () => {
  it('accept what the files of this folder say they accept, and refuse what they mark with @ts-expect-error', async () => {
    const { code, stdout } = await runNode([compiler, '-p', join(root, 'test/types'), '--pretty', 'false'])
    expect({ code, stdout }).toEqual({ code: 0, stdout: '' })
  })

  it('name the provider at fault when a route does not compile', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'tokligence-types-'))
    const paths = { tokligence: [`${root}core/index.ts`], 'tokligence/plugins/*': [`${root}plugins/*/index.ts`] }
    const compilerOptions = { paths, typeRoots: [`${root}node_modules/@types`] }
    writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ extends: `${root}tsconfig.json`, compilerOptions, include: ['*.ts'] }))
    writeFileSync(
      join(folder, 'gateway.config.ts'),
      `import { defineConfig } from 'tokligence'
      import modelRoutes from 'tokligence/plugins/router/model-routes'
      export default defineConfig({ plugins: [modelRoutes({ 'gpt-*': 'openia' })] })`,
    )
    const { code, stdout } = await runNode([compiler, '-p', folder, '--pretty', 'false'])
    rmSync(folder, { recursive: true })
    expect(code).not.toBe(0)
    expect(stdout).toContain('gateway.config.ts(3,')
    expect(stdout).toContain(`'A route names a provider that no plugin has': "openia"`)
  })
})
