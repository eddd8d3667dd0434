import { anthropicMessages } from '../../protocol/anthropic-messages/index.ts'
import { openaiChat } from '../../protocol/openai-chat/index.ts'

/** Every protocol that callers may speak. */
export function protocols() {
  return [openaiChat(), anthropicMessages()] as const
}

export default protocols
