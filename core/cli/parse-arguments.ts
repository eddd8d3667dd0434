import { cac } from 'cac'
import { suggestion } from '../config/describe-issues.ts'
import type { CommandDefinition, OptionValues } from './command.ts'
import { UsageError } from './usage-error.ts'

export interface ParsedArguments {
  /** The first word that is no option, whether there is such a command or not. */
  readonly word: string | undefined
  /** The one of the given commands that the word names. */
  readonly command: CommandDefinition | undefined
  readonly options: OptionValues
  readonly arguments: readonly string[]
  /** Throws UsageError when the options are not the command's own. */
  check(): void
}

/** Reads a command line, without the two words of node and script before it. */
export function parseArguments(argv: readonly string[], commands: readonly CommandDefinition[]): ParsedArguments {
  const parser = cac('tokligence')
  parser.option('-h, --help', '')
  for (const { name, description, options, takesArguments } of commands) {
    const command = parser.command(takesArguments ? `${name} [...words]` : name, description)
    for (const option of options) command.option(option.flags, option.description, option.default === undefined ? {} : { default: option.default })
  }
  const parsed = parser.parse(['node', 'tokligence', ...argv], { run: false })
  const matched = parser.matchedCommand
  const { '--': _rest, ...options } = parsed.options
  return {
    word: matched ? parser.matchedCommandName : firstWord(parsed.args),
    command: commands.find(({ name }) => name === parser.matchedCommandName),
    options,
    arguments: parsed.args.map(String),
    check: () => {
      const known = [...parser.globalCommand.options, ...(matched?.options ?? [])].flatMap((option) => option.names)
      const unknown = Object.keys(options).find((name) => !known.includes(name))
      if (unknown !== undefined)
        throw new UsageError(
          `${matched ? matched.name : 'tokligence'} has no option "${unknown}"${asSentence(
            suggestion(
              unknown,
              known.filter((name) => name.length > 1),
            ),
          )}`,
        )
      const repeated = Object.keys(options).find((name) => Array.isArray(options[name]))
      if (repeated !== undefined) throw new UsageError(`The option --${repeated} is given twice.`)
      if (!matched) return
      for (const check of [() => matched.checkOptionValue(), () => matched.checkUnusedArgs()]) reworded(check)
    },
  }
}

function firstWord(words: readonly unknown[]): string | undefined {
  return words.length === 0 ? undefined : String(words[0])
}

function reworded(check: () => void): void {
  try {
    check()
  } catch (error) {
    if (!(error instanceof Error) || error.name !== 'CACError') throw error
    throw new UsageError(
      asSentence(
        error.message
          .replaceAll('`', '"')
          .replace(/^Unused args:/, 'Too much on the line:')
          .replace(/^option/, 'The option'),
      ),
    )
  }
}

function asSentence(text: string): string {
  return /[.?]$/.test(text) ? text : `${text}.`
}
