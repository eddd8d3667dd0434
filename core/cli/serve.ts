import type { Gateway, ListenAddress } from '../gateway.ts'
import type { CommandIo } from './command-io.ts'
import { exitCodes } from './exit-codes.ts'

/** 128 and the signal's number, as shells count. */
const signalCodes = { SIGINT: 130, SIGTERM: 143 } as const

type Signal = keyof typeof signalCodes

export interface ServeOptions {
  readonly gateway: Gateway
  readonly io: CommandIo
  onListening(address: ListenAddress): Promise<void>
}

/**
 * Listens until a signal or a fatal error, then closes gracefully; a second signal ends the process at once. Answers with the exit code.
 * Rejects with GatewayError `TKL_LISTEN_FAILED`.
 */
export async function serve({ gateway, io, onListening }: ServeOptions): Promise<number> {
  const end = watchForTheEnd(gateway, io)
  try {
    await onListening(await gateway.listen())
    return await end.code
  } finally {
    await gateway.close()
    end.stopWatching()
  }
}

interface End {
  readonly code: Promise<number>
  stopWatching(): void
}

function watchForTheEnd(gateway: Gateway, io: CommandIo): End {
  let end: (code: number) => void = () => undefined
  const code = new Promise<number>((resolve) => {
    end = resolve
  })
  let stopping: Signal | undefined
  const onSignal = (signal: Signal) => {
    if (stopping) return io.exit(signalCodes[signal])
    stopping = signal
    gateway.logger.info(`${signal}: ending after live requests are over; once more ends at once`)
    end(exitCodes.ok)
  }
  const onFatal = (error: unknown) => {
    gateway.logger.fatal({ error }, 'something failed that nobody caught; the gateway ends')
    // What just failed may keep the gateway from ever closing.
    setTimeout(() => io.exit(exitCodes.failure), gateway.config.drainTimeout + 5_000).unref()
    end(exitCodes.failure)
  }
  const listeners = Object.entries({ SIGINT: onSignal, SIGTERM: onSignal, uncaughtException: onFatal, unhandledRejection: onFatal })
  for (const [name, listener] of listeners) io.events.on(name, listener)
  return {
    code,
    stopWatching: () => {
      for (const [name, listener] of listeners) io.events.off(name, listener)
    },
  }
}
