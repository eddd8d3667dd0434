import { isJsonObject, type TokenCountCodec } from 'tokligence'
import { modelResource } from './model-path.ts'

/**
 * The whole request goes into `generateContentRequest`, which repeats the model: beside it the endpoint takes nothing but `contents`
 * (ai.google.dev/api/tokens, CountTokensRequest).
 */
export const tokenCount: TokenCountCodec = {
  request: (body, model) => ({ generateContentRequest: { model: modelResource(model), ...body } }),
  read: (body) => (isJsonObject(body) && typeof body.totalTokens === 'number' ? body.totalTokens : undefined),
  write: (inputTokens) => ({ totalTokens: inputTokens }),
}
