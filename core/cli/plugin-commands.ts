import { suggestion } from '../config/describe-issues.ts'
import type { PluginCommand } from '../plugin.ts'
import { withAssembled } from './assemble.ts'
import { builtInCommands, configOption } from './built-in-commands.ts'
import type { CommandContext, CommandDefinition } from './command.ts'
import { exitCodes } from './exit-codes.ts'
import { formatCommandHelp } from './help.ts'
import { parseArguments } from './parse-arguments.ts'
import { UsageError } from './usage-error.ts'

/** Runs a command that a plugin of the configuration contributes. Answers with its exit code; throws UsageError when no plugin has it. */
export async function runPluginCommand(word: string, argv: readonly string[], context: CommandContext): Promise<number> {
  return withAssembled(context, async ({ commands }) => {
    const command = commands.find(({ name }) => name === word)
    if (!command) throw unknownCommand(word, commands)
    const definition = definitionOf(command)
    const parsed = parseArguments(argv, [definition])
    if (parsed.options.help === true) {
      context.io.stdout.write(formatCommandHelp(definition))
      return exitCodes.ok
    }
    parsed.check()
    const { config: _config, c: _c, ...options } = parsed.options
    return command.run({ arguments: parsed.arguments, options })
  })
}

export function unknownCommand(word: string, commands: readonly PluginCommand[]): UsageError {
  const known = [...builtInCommands, ...commands].map(({ name }) => name)
  return new UsageError(`There is no command "${word}"${suggestion(word, known)}`.replace(/([^?])$/, '$1.'))
}

function definitionOf({ name, description, options = [] }: PluginCommand): CommandDefinition {
  return { name, description, options: [...options, configOption], examples: [], takesArguments: true }
}
