import { execFile } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const repository = fileURLToPath(new URL('../..', import.meta.url))

const sources: Readonly<Record<string, string>> = {
  'core/index.ts': "export { counter } from './counter.ts'\n",
  'core/counter.ts': 'export const counter = { value: 0 }\n',
  'core/testing/index.ts': "export const kit: string = 'kit'\n",
  'core/cli/main.ts': `
    import { counter } from '../counter.ts'
    export async function main(): Promise<void> {
      const plugins = await import('tokligence/plugins')
      plugins.thing()
      console.log(JSON.stringify({ arguments: process.argv.slice(2), counted: counter.value, greeting: plugins.greeting }))
    }`,
  'plugins/index.ts': "export { thing } from './demo/thing/index.ts'\nexport const greeting: string = 'hello'\n",
  'plugins/demo/thing/index.ts': "import { counter } from 'tokligence'\nexport const thing = (): void => { counter.value += 1 }\n",
}

export interface Finished {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

export interface SmallClone {
  readonly root: string
  write(path: string, content: string): void
  remove(path: string): void
  /** Runs `core/cli/bin.js`; `nodeArguments` come before it. */
  run(nodeArguments?: readonly string[]): Promise<Finished>
  dispose(): void
}

/** A clone of the package with the real start script and the real build, and with as little else as possible. */
export function createSmallClone({ dependencies = true } = {}): SmallClone {
  const root = mkdtempSync(join(tmpdir(), 'tokligence-clone-'))
  const write = (path: string, content: string): void => {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), content)
  }
  for (const path of ['packaging', 'core/cli/bin.js', 'package.json', 'tsconfig.json']) cpSync(join(repository, path), join(root, path), { recursive: true })
  for (const [path, content] of Object.entries(sources)) write(path, content)
  if (dependencies) symlinkSync(join(repository, 'node_modules'), join(root, 'node_modules'))
  const script = join(root, 'core/cli/bin.js')
  return {
    root,
    write,
    remove: (path) => rmSync(join(root, path), { recursive: true }),
    run: (nodeArguments = []) => runNode([...nodeArguments, script, 'one', 'two']),
    dispose: () => rmSync(root, { recursive: true, force: true }),
  }
}

export function runNode(programArguments: readonly string[]): Promise<Finished> {
  return new Promise((resolve) => {
    const child = execFile(process.execPath, programArguments, (_error, stdout, stderr) => resolve({ code: child.exitCode, stdout, stderr }))
  })
}
