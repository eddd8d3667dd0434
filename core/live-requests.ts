import type { GatewayRequest } from './request.ts'

/**
 * The requests in flight. An array whose last entry moves into a gap, not a Set: under churn a Set keeps making tables anew, and those that have
 * grown old hold on to requests that are long over.
 */
export class LiveRequests {
  readonly #requests: GatewayRequest[] = []

  add(request: GatewayRequest): void {
    request.slot = this.#requests.push(request) - 1
  }

  delete(request: GatewayRequest): void {
    const last = this.#requests.pop() as GatewayRequest
    if (last === request) return
    this.#requests[request.slot] = last
    last.slot = request.slot
  }

  get size(): number {
    return this.#requests.length
  }

  [Symbol.iterator](): Iterator<GatewayRequest> {
    return [...this.#requests].values()
  }
}
