import type { HostModules } from '../config/bundle.ts'
import { builtInCommands } from './built-in-commands.ts'
import type { CommandIo } from './command-io.ts'
import { exitCodeOf, exitCodes } from './exit-codes.ts'
import { formatCommandHelp, formatGlobalHelp } from './help.ts'
import { packageVersion } from './package-version.ts'
import { parseArguments } from './parse-arguments.ts'
import { printError } from './print-error.ts'

/** Finds and runs the command that a line names. Never rejects: what fails is printed. Answers with the exit code. */
export async function dispatch(argv: readonly string[], hostModules: HostModules, io: CommandIo): Promise<number> {
  try {
    return await runCommand(argv[0] === 'help' ? [...argv.slice(1), '--help'] : argv, hostModules, io)
  } catch (error) {
    printError(error, io)
    return exitCodeOf(error)
  }
}

async function runCommand(argv: readonly string[], hostModules: HostModules, io: CommandIo): Promise<number> {
  const { command, word, options, check } = parseArguments(argv, builtInCommands)
  const builtIn = builtInCommands.find(({ name }) => name === command?.name)
  if (builtIn) {
    if (options.help === true) return print(formatCommandHelp(builtIn), io)
    check()
    const runner = await builtIn.load()
    return runner({ options, io, hostModules })
  }
  if (word !== undefined) {
    const { runPluginCommand } = await import('./plugin-commands.ts')
    return runPluginCommand(word, argv, { options, io, hostModules })
  }
  check()
  return print(formatGlobalHelp(packageVersion(), builtInCommands), io)
}

function print(text: string, io: CommandIo): number {
  io.stdout.write(text)
  return exitCodes.ok
}
