import { type ConfigProblem, problemsOf } from '../config/config-error.ts'
import { GatewayError } from '../errors.ts'
import { redactText } from '../logger.ts'
import { type CommandIo, styled } from './command-io.ts'
import { UsageError } from './usage-error.ts'

/** What failed and what to do next, on standard error. */
export function printError(error: unknown, io: CommandIo): void {
  const red = (text: string) => styled(io, io.stderr, 'red', text)
  if (error instanceof UsageError) {
    io.stderr.write(
      `${red(`tokligence: ${error.message}`)}\nRun "tokligence ${error.command === undefined ? '' : `${error.command} `}--help" for what there is.\n`,
    )
    return
  }
  if (!GatewayError.is(error)) {
    const detail = error instanceof Error ? (error.stack ?? error.message) : String(error)
    io.stderr.write(`${red(`tokligence: ${detail}`)}\nThis is a fault of the gateway or of a plugin; the stack above says where.\n`)
    return
  }
  const separator = error.message.includes('\n') ? '\n' : ' '
  io.stderr.write(`${red(`tokligence: ${error.code}:${separator}${error.message}`)}\n`)
  if (error.code === 'TKL_PLUGIN_SETUP_FAILED' && error.cause instanceof Error) io.stderr.write(`${redactText(error.cause.stack ?? '')}\n`)
  const next = nextStep(error)
  if (next !== undefined) io.stderr.write(`${next}\n`)
}

/** The same for programs. */
export function errorAsJson(error: unknown): { readonly ok: false; readonly code: string; readonly problems: readonly Omit<ConfigProblem, 'words'>[] } {
  if (GatewayError.is(error)) return { ok: false, code: error.code, problems: problemsOf(error).map(({ words: _words, ...problem }) => problem) }
  const message = error instanceof Error ? error.message : String(error)
  return { ok: false, code: error instanceof UsageError ? 'USAGE' : 'TKL_INTERNAL', problems: [{ message }] }
}

function nextStep(error: GatewayError): string | undefined {
  switch (error.code) {
    case 'TKL_CONFIG_NOT_FOUND':
      return 'Correct the path after --config, or run "tokligence init" to write a configuration here.'
    case 'TKL_CONFIG_SECRET_MISSING':
      return 'Then run "tokligence check".'
    case 'TKL_PLUGIN_SETUP_FAILED':
    case 'TKL_CONFIG_INVALID':
    case 'TKL_PLUGIN_DUPLICATE':
    case 'TKL_PLUGIN_MISSING':
    case 'TKL_PLUGIN_COMMAND_DUPLICATE':
      return 'Correct the configuration, then run "tokligence check".'
    default:
      return undefined
  }
}
