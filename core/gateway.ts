import type { Logger } from 'pino'
import type { GatewayConfig, ResolvedConfig } from './config/define.ts'
import { resolveConfig } from './config/resolve.ts'
import { withDeadline } from './deadline.ts'
import { GatewayError } from './errors.ts'
import { Generation } from './generation.ts'
import { Listener } from './listener.ts'
import { createLogger } from './logger.ts'
import { isLoopback } from './loopback-address.ts'
import type { PluginCommand } from './plugin.ts'
import type { Registry } from './registry.ts'
import { SharedStore } from './shared.ts'

export interface GatewayOptions {
  /** Made from the configuration's `log` when absent. */
  readonly logger?: Logger
  /** False to assemble without serving: no recovery, no listening. */
  readonly serving?: boolean
}

export interface ListenAddress {
  readonly host: string
  readonly port: number
  readonly url: string
}

/** A running gateway. */
export interface Gateway {
  readonly config: ResolvedConfig
  readonly registry: Registry
  readonly commands: readonly PluginCommand[]
  /** What the configuration leaves unsafe or unrecorded, in words for the operator. */
  readonly warnings: readonly string[]
  readonly logger: Logger
  /** Counts from 1; one more with every reload. */
  readonly generation: number
  /** Rejects with GatewayError `TKL_LISTEN_FAILED`. */
  listen(): Promise<ListenAddress>
  /**
   * Puts a new configuration in place of the running one. Requests in flight end on the old one. Rejects, and keeps the old one, when the new
   * one cannot be assembled. The listener stays as it is: `listen` changes only with a restart.
   */
  reload(config: GatewayConfig): Promise<void>
  /** Takes no more requests, lets live ones end within `drainTimeout`, flushes and disposes everything, last made first. */
  close(): Promise<void>
}

/** Assembles a gateway. Rejects with GatewayError `TKL_CONFIG_*` or `TKL_PLUGIN_*`. */
export async function createGateway(config: GatewayConfig, options: GatewayOptions = {}): Promise<Gateway> {
  const resolved = resolveConfig(config)
  const logger = options.logger ?? createLogger({ level: resolved.log.level, format: resolved.log.format ?? (process.stdout.isTTY ? 'pretty' : 'json') })
  const runtime = new GatewayRuntime(logger, options.serving ?? true)
  await runtime.assemble(resolved)
  return runtime
}

/** How long plugins may take to come to an end on shutdown, beyond the draining of requests. Milliseconds. */
const closingGrace = 5_000

class GatewayRuntime implements Gateway {
  readonly logger: Logger
  readonly #serving: boolean
  readonly #shared = new SharedStore()
  readonly #listener: Listener
  readonly #retiring = new Set<Promise<void>>()
  #current: Generation | undefined
  #number = 0
  /** Reloads happen one after another. */
  #reloading: Promise<void> = Promise.resolve()
  #closing: Promise<void> | undefined

  constructor(logger: Logger, serving: boolean) {
    this.logger = logger
    this.#serving = serving
    this.#listener = new Listener(() => this.#live, logger)
  }

  get #live(): Generation {
    if (!this.#current) throw new GatewayError('TKL_INTERNAL', 'The gateway is not assembled.')
    return this.#current
  }

  get config(): ResolvedConfig {
    return this.#live.config
  }

  get registry(): Registry {
    return this.#live.registry
  }

  get commands(): readonly PluginCommand[] {
    return this.#live.commands
  }

  get generation(): number {
    return this.#live.number
  }

  get warnings(): readonly string[] {
    return describeWarnings(this.#live)
  }

  async assemble(config: ResolvedConfig): Promise<void> {
    const next = await Generation.assemble({ config, shared: this.#shared, logger: this.logger, number: this.#number + 1, serving: this.#serving })
    try {
      requireAuthentication(next)
      if (this.#serving) await recoverLedger(next, this.logger)
      if (this.#closing) throw new GatewayError('TKL_SHUTTING_DOWN', 'The gateway is closing.')
    } catch (error) {
      await next.dispose()
      throw error
    }
    this.#number = next.number
    const previous = this.#current
    this.#current = next
    if (previous) this.#retire(previous)
  }

  async listen(): Promise<ListenAddress> {
    const { host, port } = this.#live.config.listen
    return this.#listener.listen(host, port)
  }

  async reload(config: GatewayConfig): Promise<void> {
    if (this.#closing) throw new GatewayError('TKL_SHUTTING_DOWN', 'The gateway is closing.')
    const resolved = resolveConfig(config)
    const { host, port } = this.config.listen
    if (resolved.listen.host !== host || resolved.listen.port !== port)
      this.logger.warn(`listen changed to ${resolved.listen.host}:${resolved.listen.port}; restart to listen there`)
    const turn = this.#reloading.then(() => this.assemble({ ...resolved, listen: this.config.listen }))
    this.#reloading = turn.catch(() => undefined)
    await turn
  }

  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  async #close(): Promise<void> {
    await this.#listener.close(this.#live.config.drainTimeout)
    await this.#inTime(this.#reloading, 'a reload')
    await this.#inTime(Promise.all([this.#live.drained(), ...this.#retiring]), 'what plugins still do')
    await this.#live.dispose()
  }

  /** A plugin that never comes to an end must not keep the gateway from ending. */
  async #inTime(work: Promise<unknown>, what: string): Promise<void> {
    try {
      await withDeadline(work, closingGrace, `${what} did not end within ${closingGrace} ms`)
    } catch (error) {
      this.logger.warn({ error }, 'closing without waiting any longer')
    }
  }

  #retire(generation: Generation): void {
    const done = generation
      .drained()
      .then(() => generation.dispose())
      .finally(() => this.#retiring.delete(done))
    this.#retiring.add(done)
  }
}

/** Without an auth plugin only this machine may call. */
function requireAuthentication(generation: Generation): void {
  const { host } = generation.config.listen
  if (generation.hooks.used.resolvePrincipal || isLoopback(host)) return
  throw new GatewayError(
    'TKL_CONFIG_INVALID',
    `listen.host is "${host}", which other machines can reach, but no auth plugin is configured: anybody could spend your tokens. Add an auth plugin, or listen on 127.0.0.1.`,
  )
}

async function recoverLedger(generation: Generation, logger: Logger): Promise<void> {
  const interrupted = (await generation.ledger?.recover()) ?? 0
  if (interrupted > 0) logger.warn({ interrupted }, `an earlier run was cut off: ${interrupted} of its attempts are booked as interrupted`)
}

function describeWarnings(generation: Generation): string[] {
  const warnings: string[] = []
  if (!generation.hooks.used.resolvePrincipal) warnings.push('authentication is off: only this machine can call the gateway')
  if (!generation.ledger) warnings.push('no ledger is configured: requests are not recorded')
  if (generation.registry.all('provider').length === 0) warnings.push('no provider is configured: every request will be refused')
  if (generation.registry.all('protocol').length === 0) warnings.push('no protocol is configured: there are no endpoints')
  return warnings
}
