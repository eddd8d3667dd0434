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
  const { '--': _rest, ...read } = parsed.options
  const options = asTyped(read, argv)
  return {
    word: matched ? parser.matchedCommandName : firstWord(parsed.args),
    command: commands.find(({ name }) => name === parser.matchedCommandName),
    options,
    arguments: parsed.args.map(String),
    check: () => checkOptions(options, parser.globalCommand, matched),
  }
}

/** cac makes a number of whatever can be one; a value that this changes, such as the id 007, stays as it was typed. */
function asTyped(options: OptionValues, argv: readonly string[]): OptionValues {
  const typed = Object.entries(options).map(([name, value]) => {
    const flag = withDashes(name)
    const index = argv.findIndex((word) => word === flag || word.startsWith(`${flag}=`))
    if (typeof value !== 'number' || index < 0) return [name, value]
    const text = argv[index] === flag ? argv[index + 1] : argv[index]?.slice(flag.length + 1)
    return [name, text === undefined || text === String(value) ? value : text]
  })
  return Object.fromEntries(typed)
}

function checkOptions(options: OptionValues, everywhere: Command, command: Command | undefined): void {
  const own = command?.name
  const known = [...everywhere.options, ...(command?.options ?? [])].flatMap(({ names }) => names)
  const longNames = known.filter((option) => option.length > 1)
  for (const [name, value] of Object.entries(options)) {
    const flag = withDashes(name)
    if (!known.includes(name)) throw new UsageError(asSentence(`${own ?? 'tokligence'} has no option "${flag}"${suggestion(name, longNames, withDashes)}`), own)
    if (Array.isArray(value)) throw new UsageError(`The option ${flag} is given twice.`, own)
  }
  try {
    command?.checkOptionValue()
    command?.checkUnusedArgs()
  } catch (error) {
    if (!(error instanceof Error) || error.name !== 'CACError') throw error
    throw new UsageError(asSentence(reworded(error.message)), own)
  }
}

function reworded(message: string): string {
  return message
    .replaceAll('`', '"')
    .replace(/^option "(?:-\w, )?(--[\w-]+)(.*)" value is missing$/, 'The option $1 needs a value: $1$2')
    .replace(/^Unused args:/, 'There is too much on the line:')
}

function withDashes(name: string): string {
  return name.length > 1 ? `--${name}` : `-${name}`
}

function firstWord(words: readonly unknown[]): string | undefined {
  return words.length === 0 ? undefined : String(words[0])
}

function asSentence(text: string): string {
  return /[.?]$/.test(text) ? text : `${text}.`
}
