import { execFile } from 'node:child_process'
import type { Finished } from '../packaging/small-clone.ts'

interface RunOptions {
  readonly cwd: string
  readonly env?: Readonly<Record<string, string>>
}

/** Runs a program to its end. Rejects when it fails, with what it printed. */
export async function run(program: string, programArguments: readonly string[], options: RunOptions): Promise<Finished> {
  const finished = await runToItsEnd(program, programArguments, options)
  if (finished.code !== 0) throw new Error(`${program} ${programArguments.join(' ')} exited with ${finished.code}\n${finished.stdout}\n${finished.stderr}`)
  return finished
}

/** The same, for programs that may fail. */
export function runToItsEnd(program: string, programArguments: readonly string[], { cwd, env }: RunOptions): Promise<Finished> {
  return new Promise((resolve) => {
    const options = { cwd, env: { ...process.env, ...env }, maxBuffer: 64 * 1024 * 1024 }
    const child = execFile(program, programArguments, options, (_error, stdout, stderr) => resolve({ code: child.exitCode, stdout, stderr }))
  })
}
