import type { EventEmitter } from 'node:events'
import { styleText } from 'node:util'

export interface Output {
  write(text: string): unknown
  readonly isTTY?: boolean
}

/** All that a command has to do with the process it runs in. */
export interface CommandIo {
  readonly cwd: string
  /** The real environment: values of `.env` are written to it, because plugins read their secrets there. */
  readonly environment: NodeJS.ProcessEnv
  readonly stdout: Output
  readonly stderr: Output
  /** Emits what `process` does: signals, `uncaughtException`, `unhandledRejection`. */
  readonly events: EventEmitter
  /** Ends the process at once. */
  exit(code: number): void
}

export function processIo(): CommandIo {
  return {
    cwd: process.cwd(),
    environment: process.env,
    stdout: process.stdout,
    stderr: process.stderr,
    events: process,
    exit: (code) => process.exit(code),
  }
}

type Style = Parameters<typeof styleText>[0]

/** Styles text for a terminal; leaves it alone where it goes to a file or a program, and where NO_COLOR is set. */
export function styled(io: CommandIo, output: Output, style: Style, text: string): string {
  const wanted = output.isTTY === true && !io.environment.NO_COLOR
  // By itself it looks at the process's own standard output.
  return wanted ? styleText(style, text, { validateStream: false }) : text
}
