import type { PluginApi } from 'tokligence'
import { encodeError } from '../openai-chat/failure/encode-error.ts'
import { protocolId } from './wire/wire-memo.ts'

/** RFC 9110, 15.5.22. Codex falls back to HTTP at once for this status, and for any other one only after several attempts. */
const upgradeRequired = 426

/** Callers that would rather have a WebSocket open it with `GET /v1/responses`. */
export function refuseWebSocket(api: PluginApi): void {
  const message = 'There is no WebSocket here; send POST /v1/responses over HTTP.'
  api.addRoute({
    method: 'GET',
    path: '/v1/responses',
    protocol: protocolId,
    handle: async () => ({
      status: upgradeRequired,
      // What is spoken here instead: the RFC demands that it is named.
      headers: { upgrade: 'HTTP/1.1', connection: 'upgrade' },
      body: encodeError({ status: upgradeRequired, kind: 'invalid-request', message, code: 'TKL_METHOD_NOT_ALLOWED' }),
    }),
  })
}
