import { definePlugin, type Translation, viaConversation } from 'tokligence'
import { z } from 'zod'
import { rules } from './rules.ts'

const from = 'openai-chat'
const to = 'anthropic-messages'

export const openaiChatToAnthropicMessages = definePlugin({
  kind: 'translation',
  name: 'openai-chat-to-anthropic-messages',
  apiVersion: 1,
  description: 'Lets callers of OpenAI’s chat completions use providers that speak Anthropic’s Messages protocol.',
  options: z.strictObject({}),
  setup({ registry }): Translation {
    let translation: Translation | undefined
    return {
      from,
      to,
      open() {
        // The registry is complete only after every plugin is set up.
        translation ??= viaConversation(registry.get('protocol', from), registry.get('protocol', to), rules)
        return translation.open()
      },
    }
  },
})

export default openaiChatToAnthropicMessages
