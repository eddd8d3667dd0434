import type { ToolCallBlock } from 'tokligence'
import type { PlacedBlock } from '../part/part-context.ts'

interface OpenCall {
  readonly call: ToolCallBlock
  readonly path: string
  result: PlacedBlock | undefined
}

/** The calls of the last turn of the model, each with its result as soon as there is one. Calls of one id are answered in their order. */
export class OpenCalls {
  #calls: OpenCall[] = []
  readonly #queues = new Map<string, { readonly calls: OpenCall[]; answered: number }>()

  get waiting(): boolean {
    return this.#calls.length > 0
  }

  add(call: ToolCallBlock, path: string): void {
    const open: OpenCall = { call, path, result: undefined }
    this.#calls.push(open)
    const queue = this.#queues.get(call.id)
    if (queue) queue.calls.push(open)
    else this.#queues.set(call.id, { calls: [open], answered: 0 })
  }

  /** Takes a result for the first call of the id without one; false when there is none. */
  answer(callId: string, result: (call: ToolCallBlock) => PlacedBlock): boolean {
    const queue = this.#queues.get(callId)
    const open = queue?.calls[queue.answered]
    if (!queue || !open) return false
    queue.answered++
    open.result = result(open.call)
    return true
  }

  /** One result for each call, in the order of the calls; none is open afterwards. */
  close(missing: (call: ToolCallBlock, path: string) => PlacedBlock): readonly PlacedBlock[] {
    const results = this.#calls.map(({ call, path, result }) => result ?? missing(call, path))
    this.#calls = []
    this.#queues.clear()
    return results
  }
}
