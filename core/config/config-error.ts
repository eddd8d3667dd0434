import { readFileSync } from 'node:fs'
import { relative } from 'node:path'
import { type ErrorCode, GatewayError } from '../errors.ts'
import { redactText } from '../logger.ts'

export interface ConfigProblem {
  readonly message: string
  /** Absolute. */
  readonly file?: string
  /** Counts from 1. */
  readonly line?: number
  /** Counts from 1. */
  readonly column?: number
  /** Words by which the place can be found in the source when it is not known otherwise, the most telling first. */
  readonly words?: readonly string[]
}

export interface ConfigErrorOptions {
  /** `TKL_CONFIG_INVALID` when absent. */
  readonly code?: ErrorCode
  /** Paths in the message are relative to it. */
  readonly cwd?: string
  /** All files that the configuration is made of, or would be made of if they were there: to be watched. */
  readonly files?: readonly string[]
  readonly cause?: unknown
}

/** What is wrong with a configuration; the message has one line per problem, and the source line where it is known. */
export class ConfigError extends GatewayError {
  readonly problems: readonly ConfigProblem[]
  readonly files: readonly string[]

  constructor(problems: readonly ConfigProblem[], options: ConfigErrorOptions = {}) {
    const cwd = options.cwd ?? process.cwd()
    const message = problems.map((problem) => formatProblem(problem, cwd)).join('\n')
    super(options.code ?? 'TKL_CONFIG_INVALID', message, options.cause === undefined ? {} : { cause: options.cause })
    this.problems = problems
    this.files = options.files ?? []
  }
}

/** The problems of any error: one per line of its message where they are not listed. */
export function problemsOf(error: GatewayError): readonly ConfigProblem[] {
  return error instanceof ConfigError ? error.problems : error.message.split('\n').map((message) => ({ message }))
}

function formatProblem(problem: ConfigProblem, cwd: string): string {
  const { file, line, column, message } = problem
  if (file === undefined) return message
  const place = [displayPath(file, cwd), line, column].filter((part) => part !== undefined).join(':')
  return `${place}: ${message}${line === undefined ? '' : excerpt(file, line, column)}`
}

/** Relative when the file is inside of the folder. */
export function displayPath(file: string, cwd: string): string {
  const path = relative(cwd, file)
  return path.startsWith('..') ? file : path
}

function excerpt(file: string, line: number, column: number | undefined): string {
  const text = readLines(file)[line - 1]
  if (text === undefined || text.trim() === '' || text.length > 200) return ''
  const caret = column === undefined ? '' : `\n    ${text.slice(0, column - 1).replace(/[^\t]/g, ' ')}^`
  return `\n    ${hideSecrets(text)}${caret}`
}

/** The lines of a file; none when it cannot be read: a problem is then told without its line. */
export function readLines(file: string): readonly string[] {
  try {
    return readFileSync(file, 'utf8').split(/\r?\n/)
  } catch {
    return []
  }
}

const literalSecret = /((?:key|secret|token|password)\w*['"]?\s*[:=]\s*['"`])([^'"`]+)/gi

/** Keeps the length, so that the caret stays below its place. */
function hideSecrets(line: string): string {
  return redactText(line.replace(literalSecret, (_match, before: string, value: string) => before + '*'.repeat(value.length)))
}
