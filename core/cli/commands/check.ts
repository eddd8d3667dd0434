import type { Gateway } from '../../gateway.ts'
import { withAssembled } from '../assemble.ts'
import type { CommandContext } from '../command.ts'
import { type CommandIo, styled } from '../command-io.ts'
import type { LoadedSource } from '../config-source.ts'
import { exitCodeOf, exitCodes } from '../exit-codes.ts'
import { errorAsJson } from '../print-error.ts'
import { formatTable } from '../table.ts'

export async function check(context: CommandContext): Promise<number> {
  const { io, options } = context
  if (options.json !== true) return withAssembled(context, async (gateway, source) => report(gateway, source, io))
  try {
    const result = await withAssembled(context, async (gateway, source) => describe(gateway, source))
    io.stdout.write(`${JSON.stringify(result, undefined, 2)}\n`)
    return exitCodes.ok
  } catch (error) {
    io.stdout.write(`${JSON.stringify(errorAsJson(error), undefined, 2)}\n`)
    return exitCodeOf(error)
  }
}

function describe(gateway: Gateway, source: LoadedSource): object {
  return {
    ok: true,
    configuration: source.path ?? null,
    plugins: gateway.config.plugins.map(({ kind, id, name }) => ({ kind, id, name })),
    commands: gateway.commands.map(({ name, description }) => ({ name, description })),
    warnings: gateway.warnings,
  }
}

function report(gateway: Gateway, source: LoadedSource, io: CommandIo): number {
  const { plugins } = gateway.config
  const columns = [{ title: 'kind' }, { title: 'id' }, { title: 'plugin' }]
  const rows = plugins.map(({ kind, id, name }) => [kind, id, name])
  const commands = gateway.commands.map(({ name, description }) => `command  tokligence ${name}: ${description}`)
  const warnings = gateway.warnings.map((warning) => `${styled(io, io.stdout, 'yellow', 'note')}  ${warning}`)
  const verdict = styled(io, io.stdout, 'green', `${source.description} is in order: ${plugins.length} plugins.`)
  const parts = [formatTable(columns, rows), commands.join('\n'), warnings.join('\n'), verdict]
  io.stdout.write(`${parts.filter((part) => part !== '').join('\n\n')}\n`)
  return exitCodes.ok
}
