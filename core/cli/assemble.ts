import { stopBundler } from '../config/bundle.ts'
import { createGateway, type Gateway } from '../gateway.ts'
import { createLogger } from '../logger.ts'
import type { CommandContext } from './command.ts'
import { ConfigSource, type LoadedSource } from './config-source.ts'

/** Assembles a gateway that serves nothing, lets a command use it, and takes it down again. */
export async function withAssembled<T>(context: CommandContext, use: (gateway: Gateway, source: LoadedSource) => Promise<T>): Promise<T> {
  const source = await new ConfigSource(context).load()
  await stopBundler()
  // Standard output belongs to the command.
  const logger = createLogger({ level: 'error', format: 'json', destination: { write: (line) => void context.io.stderr.write(line) } })
  const gateway = await createGateway(source.config, { logger, serving: false })
  try {
    return await use(gateway, source)
  } finally {
    await gateway.close()
  }
}
