import type { Operation, ProtocolId, ProviderCall } from 'tokligence'

/** What of a call its body may not say: some protocols have the model and the wish for a stream in the URL. */
export interface LoopbackEndpoint {
  readonly protocol: ProtocolId
  readonly operation: Operation
  readonly stream: boolean
  readonly model: string
}

/** A name that never resolves (RFC 6761), should the request ever reach a network. */
export const loopbackOrigin = 'http://loopback.invalid'

export function endpointPath({ protocol, operation, stream, model }: ProviderCall): string {
  return `/${[protocol, operation, stream ? 'stream' : 'unary', model].map(encodeURIComponent).join('/')}`
}

/** The caller's query may have been put behind the path. */
export function parseEndpoint(path: string): LoopbackEndpoint {
  const [protocol = '', operation = '', stream = '', model = ''] = new URL(path, loopbackOrigin).pathname.split('/').slice(1).map(decodeURIComponent)
  return { protocol, operation, stream: stream === 'stream', model }
}
