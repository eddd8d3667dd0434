import pino, { type Logger } from 'pino'
import type { GatewaySettings, PluginEntry } from '../config/define.ts'
import { createGateway, type Gateway } from '../gateway.ts'

export interface HarnessOptions {
  readonly plugins: readonly PluginEntry[]
  /** Everything but the plugins. By default: a free port of 127.0.0.1, frozen hook values, one second for draining. */
  readonly settings?: GatewaySettings
  /** Silent when absent. */
  readonly logger?: Logger
}

/** A real gateway on a real socket. */
export interface Harness {
  /** `http://127.0.0.1:<port>`, without a slash at its end. */
  readonly url: string
  readonly gateway: Gateway
  close(): Promise<void>
}

/** Boots a gateway for a test. Rejects with GatewayError as `createGateway` and `listen` do. */
export async function createHarness(options: HarnessOptions): Promise<Harness> {
  const { plugins, settings = {}, logger = pino({ level: 'silent' }) } = options
  const config = { freeze: true, drainTimeout: 1_000, ...settings, listen: { port: 0, ...settings.listen }, plugins }
  const gateway = await createGateway(config, { logger })
  try {
    const { url } = await gateway.listen()
    return { url, gateway, close: () => gateway.close() }
  } catch (error) {
    await gateway.close()
    throw error
  }
}
