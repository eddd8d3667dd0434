import { mkdirSync } from 'node:fs'
import { basename } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

const root = fileURLToPath(new URL('../../', import.meta.url))

/** Bundles a TypeScript program of the tests so that plain Node can run it in a process of its own; answers with its path. */
export async function bundleChild(entry: string): Promise<string> {
  const folder = `${root}test/.children`
  mkdirSync(folder, { recursive: true })
  const outfile = `${folder}/${basename(entry, '.ts')}-${process.pid}.mjs`
  await build({
    entryPoints: [entry],
    outfile,
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    packages: 'external',
    alias: { tokligence: `${root}core/index.ts`, 'tokligence/plugins': `${root}plugins/index.ts` },
  })
  return outfile
}
