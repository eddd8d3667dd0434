import { stopBundler } from '../../config/bundle.ts'
import { createGateway } from '../../gateway.ts'
import { printBanner } from '../banner.ts'
import type { CommandContext } from '../command.ts'
import { ConfigSource } from '../config-source.ts'
import { serve } from '../serve.ts'

export async function start(context: CommandContext): Promise<number> {
  const { io } = context
  const { config, description } = await new ConfigSource(context).load()
  await stopBundler()
  const gateway = await createGateway(config)
  return serve({ gateway, io, onListening: (address) => printBanner(gateway, address, description, io) })
}
