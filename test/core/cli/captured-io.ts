import { EventEmitter } from 'node:events'
import * as tokligence from 'tokligence'
import * as plugins from 'tokligence/plugins'
import type { CommandIo } from '../../../core/cli/command-io.ts'
import { run } from '../../../core/cli/main.ts'

const modules: Readonly<Record<string, object>> = { tokligence, 'tokligence/plugins': plugins }

export interface CapturedIo extends CommandIo {
  /** What went to standard output so far. */
  readonly out: string
  /** What went to standard error so far. */
  readonly error: string
  /** Exit codes that were asked for without waiting. */
  readonly exits: readonly number[]
}

export function captureIo(cwd: string, environment: NodeJS.ProcessEnv = {}): CapturedIo {
  const out: string[] = []
  const error: string[] = []
  const exits: number[] = []
  return {
    cwd,
    environment,
    stdout: { write: (text) => out.push(text) },
    stderr: { write: (text) => error.push(text) },
    events: new EventEmitter(),
    exit: (code) => void exits.push(code),
    get out() {
      return out.join('')
    },
    get error() {
      return error.join('')
    },
    exits,
  }
}

/** Runs one command as the binary would. */
export function runCommand(argv: readonly string[], io: CommandIo): Promise<number> {
  return run(argv, (specifier) => modules[specifier], io)
}

export interface RunningCommand {
  readonly io: CapturedIo
  /** Where it listens. */
  readonly url: string
  /** Resolves with the exit code. */
  readonly code: Promise<number>
  /** Sends a signal and answers with the exit code. */
  stop(): Promise<number>
}

/** Runs a command that serves, until it listens. */
export async function serveCommand(argv: readonly string[], cwd: string, environment: NodeJS.ProcessEnv = {}): Promise<RunningCommand> {
  const io = captureIo(cwd, environment)
  const code = runCommand(argv, io)
  const url = await Promise.race([
    printed(io, /listens on (http:\S+)\n/),
    code.then((ended) => Promise.reject(new Error(`It ended with ${ended}: ${io.error}`))),
  ])
  const stop = () => {
    io.events.emit('SIGTERM', 'SIGTERM')
    return code
  }
  return { io, url, code, stop }
}

/** Waits until standard error has this from a position on; answers with the first group, or all of it. */
export async function printed(io: CapturedIo, pattern: RegExp, from = 0): Promise<string> {
  for (let waited = 0; waited < 10_000; waited += 20) {
    const found = pattern.exec(io.error.slice(from))
    if (found) return found[1] ?? found[0]
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  throw new Error(`It never printed ${String(pattern)}, but: ${io.error.slice(from)}`)
}
