import type { HostModules } from '../config/bundle.ts'
import type { CommandIo } from './command-io.ts'

export interface OptionDefinition {
  /** Such as `-p, --port <number>`. */
  readonly flags: string
  readonly description: string
  readonly default?: string | number | boolean
}

/** What the command line says of a command; its code is loaded when it is run. */
export interface CommandDefinition {
  readonly name: string
  /** One sentence without its period. */
  readonly description: string
  readonly options: readonly OptionDefinition[]
  readonly examples: readonly string[]
  /** Takes positional arguments; only commands of plugins do. */
  readonly takesArguments?: boolean
}

export type OptionValues = Readonly<Record<string, unknown>>

/** What a command is given to work with. */
export interface CommandContext {
  readonly options: OptionValues
  readonly io: CommandIo
  readonly hostModules: HostModules
}

/** Answers with the exit code. */
export type CommandRunner = (context: CommandContext) => Promise<number>

/** Parsers turn what looks like a number into one; a text option is a text. */
export function textOption(options: OptionValues, name: string): string | undefined {
  const value = options[name]
  return value === undefined ? undefined : String(value)
}
