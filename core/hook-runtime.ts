import type { Logger } from 'pino'
import { AsyncSeriesBailHook, AsyncSeriesHook, AsyncSeriesWaterfallHook, SyncHook, SyncWaterfallHook } from 'tapable'
import type { RequestContext } from './context.ts'
import { GatewayError } from './errors.ts'
import { freezeDeep } from './freeze.ts'
import { type HookDefinition, type HookHandlers, type HookName, type HookTaps, hookTable, type ReplyTransform, type TapCall, type TapOptions } from './hooks.ts'

type Answer<Name extends HookName> = Awaited<ReturnType<HookHandlers[Name]>>

/** A hook's arguments without the trailing TapCall that every tap is given. */
type Input<Name extends HookName> = Parameters<HookHandlers[Name]> extends [...infer Head, TapCall] ? Head : Parameters<HookHandlers[Name]>

type AnyHook =
  | AsyncSeriesHook<unknown[]>
  | AsyncSeriesWaterfallHook<unknown[]>
  | AsyncSeriesBailHook<unknown[], unknown>
  | SyncHook<unknown[]>
  | SyncWaterfallHook<unknown[]>

type AnyHandler = (...input: unknown[]) => unknown

const stages = { first: -200, pre: -100, post: 100, last: 200 }

/** The hooks of one generation. Taps are made during set-up only; afterwards `used` says at no cost which hooks to call. */
export class HookSet {
  readonly used: { readonly [Name in HookName]: boolean }
  readonly #hooks = new Map<HookName, AnyHook>()
  readonly #used: { [Name in HookName]: boolean }
  readonly #logger: Logger
  readonly #freeze: boolean
  #sealed = false

  constructor(logger: Logger, freeze: boolean) {
    this.#logger = logger
    this.#freeze = freeze
    const names = Object.keys(hookTable) as HookName[]
    for (const name of names) this.#hooks.set(name, createHook(name, hookTable[name]))
    this.#used = Object.fromEntries(names.map((name) => [name, false])) as { [Name in HookName]: boolean }
    this.used = this.#used
  }

  /** The facade that a plugin gets as `api.hooks`. */
  tapsFor(pluginId: string): HookTaps {
    const taps: Partial<Record<HookName, { tap: AnyHandler }>> = {}
    for (const name of this.#hooks.keys())
      taps[name] = { tap: (handler, options) => this.#tap(name, pluginId, handler as AnyHandler, options as TapOptions | undefined) }
    return taps as unknown as HookTaps
  }

  tappedBy(name: HookName): readonly string[] {
    return (this.#hooks.get(name) as AnyHook).taps.map((tap) => tap.name)
  }

  /** Set-up is over: no more taps. */
  seal(): void {
    this.#sealed = true
  }

  run<Name extends HookName>(name: Name, ...input: Input<Name>): Promise<Answer<Name>> {
    if (this.#freeze) freezeDeep(input[0])
    return (this.#hooks.get(name) as AsyncSeriesHook<unknown[]>).promise(...input) as Promise<Answer<Name>>
  }

  openReply(context: RequestContext): ReplyTransform[] {
    return (this.#hooks.get('openReply') as SyncWaterfallHook<unknown[]>).call([], context) as ReplyTransform[]
  }

  onError(error: GatewayError, context: RequestContext | undefined): void {
    ;(this.#hooks.get('onError') as SyncHook<unknown[]>).call(error, context)
  }

  #tap(name: HookName, pluginId: string, handler: AnyHandler, options: TapOptions = {}): void {
    if (this.#sealed) throw new GatewayError('TKL_PLUGIN_SETUP_FAILED', `Plugin "${pluginId}" taps ${name} after set-up; tap hooks inside setup().`)
    const definition = hookTable[name]
    const tap = { name: pluginId, stage: options.order ? stages[options.order] : 0 }
    // What only observes a request cannot fail it; the boot hook fails the boot.
    const failClosed = (options.onFailure ?? definition.onFailure) === 'fail-closed' && (definition.verb !== 'on' || definition.stage === 'boot')
    const failed = (error: unknown, passed: unknown): unknown => {
      this.#logger.error({ plugin: pluginId, hook: name, error }, `hook ${name} of plugin ${pluginId} failed`)
      if (failClosed) throw GatewayError.is(error) ? error : new GatewayError('TKL_HOOK_FAILED', `The plugin "${pluginId}" failed.`, { cause: error })
      return passed
    }
    this.#used[name] = true
    const hook = this.#hooks.get(name)
    if (definition.timing === 'sync') {
      ;(hook as SyncHook<unknown[]>).tap(tap, ((...input: unknown[]) => {
        try {
          if (definition.verb !== 'open') return void handler(...input)
          const transform = handler(input[1])
          if (transform) (input[0] as unknown[]).push(guardTransform(transform as ReplyTransform, failed))
          return input[0]
        } catch (error) {
          return failed(error, definition.verb === 'open' ? input[0] : undefined)
        }
      }) as never)
      return
    }
    const timeout = options.timeout ?? definition.timeout
    ;(hook as AsyncSeriesHook<unknown[]>).tapPromise(tap, (async (...input: unknown[]) => {
      try {
        const answer = await runInTime(handler, input, timeout, `hook ${name} of plugin "${pluginId}"`)
        if (answer === null) throw new TypeError(`hook ${name} answered null; answer undefined to pass`)
        if (definition.verb === 'on') return undefined
        if (definition.verb === 'modify' && answer === undefined) throw new TypeError(`hook ${name} answered undefined; answer with the value, changed or not`)
        return answer
      } catch (error) {
        return failed(error, definition.verb === 'modify' ? input[0] : undefined)
      }
    }) as never)
  }
}

/** A transform that throws fails the reply, or, when its tap is fail-open, sees no further event. */
function guardTransform(transform: ReplyTransform, failed: (error: unknown, passed: unknown) => unknown): ReplyTransform {
  let broken = false
  const guarded = (step: () => void, otherwise: () => void): void => {
    try {
      if (!broken) step()
    } catch (error) {
      broken = true
      failed(error, undefined)
    }
    if (broken) otherwise()
  }
  return {
    event: (event, emit) =>
      guarded(
        () => transform.event(event, emit),
        () => emit(event),
      ),
    end: (emit) =>
      guarded(
        () => transform.end?.(emit),
        () => undefined,
      ),
  }
}

/** Waits for a tap's answer, but not longer than its time-out; what it answers later is ignored. */
async function runInTime(handler: AnyHandler, input: unknown[], timeout: number, what: string): Promise<unknown> {
  let controller: AbortController | undefined
  // Made for taps that ask for it: it costs more than most of them do.
  const stop = () => (controller ??= new AbortController())
  const call: TapCall = {
    get signal() {
      return stop().signal
    },
  }
  const answer = handler(...input, call)
  if (!(answer instanceof Promise) || timeout === 0) return answer
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => {
      const error = new GatewayError('TKL_HOOK_TIMEOUT', `The ${what} did not answer within ${timeout} ms.`)
      stop().abort(error)
      reject(error)
    }, timeout)
  })
  try {
    return await Promise.race([answer, late])
  } finally {
    clearTimeout(timer)
  }
}

function createHook(name: HookName, definition: HookDefinition): AnyHook {
  // tapable's types want a tuple; the table knows the names only at run time.
  const names = (definition.arguments === '' ? [] : definition.arguments.split(', ')) as never
  if (definition.timing === 'sync')
    return definition.verb === 'open' ? new SyncWaterfallHook(['transforms', ...names] as never, name) : new SyncHook(names, name)
  if (definition.verb === 'modify') return new AsyncSeriesWaterfallHook(names, name)
  if (definition.verb === 'on') return new AsyncSeriesHook(names, name)
  return new AsyncSeriesBailHook(names, name)
}
