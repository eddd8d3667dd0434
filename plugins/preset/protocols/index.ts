import { anthropicMessages } from '../../protocol/anthropic-messages/index.ts'
import { geminiContents } from '../../protocol/gemini/index.ts'
import { openaiChat } from '../../protocol/openai-chat/index.ts'
import { openaiResponses } from '../../protocol/openai-responses/index.ts'

/** Every protocol that callers may speak. */
export function protocols() {
  return [openaiChat(), openaiResponses(), anthropicMessages(), geminiContents()] as const
}

export default protocols
