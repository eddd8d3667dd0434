import { createRequire } from 'node:module'
import type { HostModules } from '../config/bundle.ts'
import { type CommandIo, processIo } from './command-io.ts'
import { packageVersion } from './package-version.ts'

/** Runs the command line of this process and ends it. */
export async function main(): Promise<void> {
  const code = await run(process.argv.slice(2), installedModules, processIo())
  // Whatever a plugin left open must not keep the process; what was printed must be out first.
  process.stdout.write('', () => process.exit(code))
}

/** Runs one command and answers with the exit code. Never rejects: what fails is printed. */
export async function run(argv: readonly string[], hostModules: HostModules, io: CommandIo): Promise<number> {
  if (argv[0] === '--version' || argv[0] === '-v') {
    io.stdout.write(`${packageVersion()}\n`)
    return 0
  }
  const { dispatch } = await import('./dispatch.ts')
  return dispatch(argv, hostModules, io)
}

const require = createRequire(import.meta.url)

/** The modules of this very installation, by the package's own name. */
function installedModules(specifier: string): object | undefined {
  try {
    require.resolve(specifier)
  } catch {
    return undefined
  }
  return require(specifier) as object
}
