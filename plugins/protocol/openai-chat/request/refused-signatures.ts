import { type Conversation, type EncodeRequestOptions, isJsonObject, isRefused, type JsonObject, type Turn } from 'tokligence'
import { protocolId } from '../wire/wire-memo.ts'

/**
 * Without the signatures of messages that the provider has refused: Google's endpoint for this protocol signs texts beside them, in `extra_content`
 * (ai.google.dev/gemini-api/docs/thought-signatures, "OpenAI compatibility").
 */
export function withoutRefusedSignatures(conversation: Conversation, options: EncodeRequestOptions): Conversation {
  const turns = conversation.turns.map((turn, index): Turn => {
    const { [protocolId]: own, ...others } = turn.ext ?? {}
    const { extra_content: extra, ...fields } = own ?? {}
    if (!isJsonObject(extra) || !isJsonObject(extra.google)) return turn
    const { thought_signature: signature, ...google } = extra.google
    if (typeof signature !== 'string' || !isRefused(signature, options)) return turn
    options.losses.dropped(`messages[${index}].extra_content.google.thought_signature`, 'reasoning-seal', 'hint', 'The provider refused it.')
    const { google: _, ...rest } = extra
    const left: JsonObject = Object.keys(google).length > 0 ? { ...rest, google } : rest
    return { ...turn, ext: { ...others, [protocolId]: { ...fields, ...(Object.keys(left).length > 0 && { extra_content: left }) } } }
  })
  return { ...conversation, turns }
}
