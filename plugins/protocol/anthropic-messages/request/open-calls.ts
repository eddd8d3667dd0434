export interface OpenCall {
  /** The id that the caller knows it by. */
  readonly callId: string
  readonly wireId: string
  readonly path: string
}

/** Calls of the last assistant message that have no result yet. Calls of one id are answered in their order. */
export class OpenCalls {
  readonly #waiting = new Set<OpenCall>()
  readonly #queues = new Map<string, { readonly calls: OpenCall[]; answered: number }>()

  add(call: OpenCall): void {
    this.#waiting.add(call)
    const queue = this.#queues.get(call.callId)
    if (queue) queue.calls.push(call)
    else this.#queues.set(call.callId, { calls: [call], answered: 0 })
  }

  /** The first open call of the id, which is open no longer; undefined when there is none. */
  answer(callId: string): OpenCall | undefined {
    const queue = this.#queues.get(callId)
    const call = queue?.calls[queue.answered]
    if (!queue || !call) return undefined
    queue.answered++
    this.#waiting.delete(call)
    return call
  }

  /** Every open call, in the order of the calls; none is open afterwards. */
  takeAll(): readonly OpenCall[] {
    const calls = [...this.#waiting]
    this.#waiting.clear()
    this.#queues.clear()
    return calls
  }
}
