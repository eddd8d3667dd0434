import { displayPath } from '../../config/config-error.ts'
import type { GatewayConfig } from '../../config/define.ts'
import { GatewayError } from '../../errors.ts'
import { createGateway, type Gateway } from '../../gateway.ts'
import { printBanner } from '../banner.ts'
import type { CommandContext } from '../command.ts'
import { type CommandIo, styled } from '../command-io.ts'
import { ConfigSource } from '../config-source.ts'
import { describeChange } from '../describe-change.ts'
import { watchFiles } from '../file-watch.ts'
import { printError } from '../print-error.ts'
import { ReloadQueue } from '../reload-queue.ts'
import { serve } from '../serve.ts'

export async function dev(context: CommandContext): Promise<number> {
  const { io } = context
  const source = new ConfigSource(context)
  const { config, description } = await source.load()
  const gateway = await createGateway(forDevelopment(config))
  const queue = new ReloadQueue(async (paths) => {
    await reload({ gateway, source, paths, io })
    files.follow(source.watched)
  })
  const files = await watchFiles(source.watched, {
    onChange: (paths) => queue.add(paths),
    onError: (error) => gateway.logger.error({ error }, 'a file cannot be watched; its changes are not noticed'),
  })
  try {
    return await serve({ gateway, io, onListening: (address) => printBanner(gateway, address, description, io) })
  } finally {
    await files.close()
    await queue.idle()
  }
}

function forDevelopment(config: GatewayConfig): GatewayConfig {
  return { ...config, freeze: true, log: { ...config.log, format: config.log?.format ?? 'pretty' } }
}

interface Reload {
  readonly gateway: Gateway
  readonly source: ConfigSource
  /** What changed. */
  readonly paths: readonly string[]
  readonly io: CommandIo
}

async function reload({ gateway, source, paths, io }: Reload): Promise<void> {
  const started = performance.now()
  const before = gateway.config
  const changed = paths.map((path) => displayPath(path, io.cwd)).join(', ')
  try {
    const { config, changedVariables } = await source.load()
    await gateway.reload(forDevelopment(config))
    const took = Math.round(performance.now() - started)
    const changes = [...changedVariables.map((name) => `${name} (environment)`), ...describeChange(before, gateway.config)]
    io.stderr.write(`${styled(io, io.stderr, 'green', `reloaded in ${took} ms`)} (${changed})${changes.map((change) => `\n  ${change}`).join('')}\n`)
  } catch (error) {
    if (GatewayError.is(error, 'TKL_CONFIG_NOT_FOUND')) {
      io.stderr.write(`${styled(io, io.stderr, 'yellow', 'not reloaded')}: ${error.message} The configuration before goes on running until it is back.\n`)
      return
    }
    printError(error, io)
    io.stderr.write(`${styled(io, io.stderr, 'yellow', 'not reloaded')} (${changed}): the configuration before goes on running.\n`)
  }
}
