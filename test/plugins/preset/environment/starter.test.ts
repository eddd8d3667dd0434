import { execFile } from 'node:child_process'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { promisify } from 'node:util'
import { starterConfig } from 'tokligence/plugins'
import { afterAll, expect, it } from 'vitest'
import { root } from '../../../source-files.ts'

// Inside of the repository, where `tokligence` resolves to itself; git ignores it.
const folder = `${root}.tokligence/starter`

afterAll(() => rmSync(folder, { recursive: true, force: true }))

it('compiles as the configuration of a new project', { timeout: 60_000 }, async () => {
  mkdirSync(folder, { recursive: true })
  writeFileSync(`${folder}/gateway.config.ts`, starterConfig)
  writeFileSync(`${folder}/tsconfig.json`, JSON.stringify({ extends: '../../tsconfig.json', include: ['*.ts'] }))
  const compile = promisify(execFile)(process.execPath, [`${root}node_modules/typescript/bin/tsc`, '-p', folder])
  await expect(compile.catch((error: { readonly stdout: string }) => error)).resolves.toMatchObject({ stdout: '' })
})
