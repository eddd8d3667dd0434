export { defineConfig, type GatewayConfig, type GatewaySettings, type PluginEntry, type ResolvedConfig, type RoutesTo } from './config/define.ts'
export type { Attempt, Principal, RequestContext } from './context.ts'
export type * from './contracts/embeddings.ts'
export type * from './contracts/ledger.ts'
export type * from './contracts/models.ts'
export type * from './contracts/protocol.ts'
export type * from './contracts/provider.ts'
export type * from './contracts/router.ts'
export type * from './contracts/seal.ts'
export type * from './contracts/translation.ts'
export type * from './contracts/upstream.ts'
export * from './conversation/index.ts'
export { definePlugin } from './define-plugin.ts'
export { type ErrorCode, errorTable, GatewayError, type GatewayErrorOptions } from './errors.ts'
export { createGateway, type Gateway, type GatewayOptions, type ListenAddress } from './gateway.ts'
export type {
  Awaitable,
  Emit,
  FailurePolicy,
  GuardAnswer,
  HookHandlers,
  HookName,
  HookTaps,
  ReplyHead,
  ReplyTransform,
  Retry,
  TapCall,
  TapOptions,
} from './hooks.ts'
export { hookTable } from './hooks.ts'
export type * from './plugin.ts'
export type { Registry } from './registry.ts'
export { Secret, type SecretSource, secret } from './secret.ts'
export { type CredentialsPolicy, type EndpointPath, type HttpProviderSettings, httpProvider } from './upstream/http-provider.ts'
export { baseUrl, defaultApiKey, httpProviderOptions } from './upstream/http-provider-options.ts'
export type { ModelListing, ModelPage } from './upstream/model-listing.ts'
export { formatDataUrl, parseDataUrl } from './wire/data-url.ts'
export { FieldReader, replyReader, requestReader } from './wire/field-reader.ts'
export { insertMember, type JsonEdit, patchBytes, replaceMember } from './wire/json-patch.ts'
export { type JsonMember, peekJson } from './wire/json-peek.ts'
export { parseJsonObject } from './wire/parse-json.ts'
export { readRetryAfter } from './wire/retry-after.ts'
export { EventFramer, formatEvent, parseEvents, type ServerSentEvent } from './wire/sse.ts'
export type { StreamFraming } from './wire/stream-framing.ts'
