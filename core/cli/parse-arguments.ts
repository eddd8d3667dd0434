import { type Command, cac } from 'cac'
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
    check: () => checkOptions(options, parser.globalCommand, matched),
  }
}

function checkOptions(options: OptionValues, everywhere: Command, command: Command | undefined): void {
  const known = [...everywhere.options, ...(command?.options ?? [])].flatMap(({ names }) => names)
  for (const [name, value] of Object.entries(options)) {
    const longNames = known.filter((option) => option.length > 1)
    if (!known.includes(name)) throw new UsageError(asSentence(`${command?.name ?? 'tokligence'} has no option "${name}"${suggestion(name, longNames)}`))
    if (Array.isArray(value)) throw new UsageError(`The option --${name} is given twice.`)
  }
  try {
    command?.checkOptionValue()
    command?.checkUnusedArgs()
  } catch (error) {
    if (!(error instanceof Error) || error.name !== 'CACError') throw error
    throw new UsageError(asSentence(reworded(error.message)))
  }
}

function reworded(message: string): string {
  return message
    .replaceAll('`', '"')
    .replace(/^Unused args:/, 'There is too much on the line:')
    .replace(/^option/, 'The option')
}

function firstWord(words: readonly unknown[]): string | undefined {
  return words.length === 0 ? undefined : String(words[0])
}

function asSentence(text: string): string {
  return /[.?]$/.test(text) ? text : `${text}.`
}
