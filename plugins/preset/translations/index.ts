import { anthropicMessagesToOpenaiChat } from '../../translation/anthropic-messages-to-openai-chat/index.ts'
import { openaiChatToAnthropicMessages } from '../../translation/openai-chat-to-anthropic-messages/index.ts'

/** Every direction between two protocols. */
export function translations() {
  return [openaiChatToAnthropicMessages(), anthropicMessagesToOpenaiChat()] as const
}

export default translations
