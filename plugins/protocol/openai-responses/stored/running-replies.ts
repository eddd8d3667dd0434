import type { RequestContext } from 'tokligence'

/** So many are known at a time; the oldest is given up first. */
const capacity = 10_000

interface Running {
  readonly principal: string | undefined
  readonly over: Promise<void>
  readonly end: () => void
}

/** The replies of this process that are being written, or are whole and not yet kept. */
export class RunningReplies {
  readonly #running = new Map<RequestContext, Running>()

  begin(context: RequestContext): void {
    if (this.#running.has(context)) return
    let end: () => void = () => undefined
    const over = new Promise<void>((resolve) => {
      end = resolve
    })
    this.#running.set(context, { principal: context.principal?.id, over, end })
    const [oldest] = this.#running.keys()
    if (oldest && this.#running.size > capacity) this.end(oldest)
  }

  /** The reply is kept, or never will be. */
  end(context: RequestContext): void {
    this.#running.get(context)?.end()
    this.#running.delete(context)
  }

  /** Resolves when one of a principal's replies is over, or after so many milliseconds; with false at once when there is none. */
  async wait(principal: string | undefined, milliseconds: number): Promise<boolean> {
    const replies = [...this.#running.values()].filter((running) => running.principal === principal)
    if (replies.length === 0) return false
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, milliseconds)
    })
    await Promise.race([late, ...replies.map(({ over }) => over)])
    clearTimeout(timer)
    return true
  }
}
