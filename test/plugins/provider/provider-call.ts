import type { ProviderCall } from 'tokligence'

export function providerCall(changes: Partial<ProviderCall> = {}): ProviderCall {
  return { protocol: 'openai-chat', operation: 'generate', model: 'm', stream: false, path: 'identity', callerHeaders: {}, ...changes }
}
