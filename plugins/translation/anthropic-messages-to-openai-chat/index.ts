import { definePlugin, type Translation, viaConversation } from 'tokligence'
import { z } from 'zod'
import { rules } from './rules.ts'

const from = 'anthropic-messages'
const to = 'openai-chat'

export const anthropicMessagesToOpenaiChat = definePlugin({
  kind: 'translation',
  name: 'anthropic-messages-to-openai-chat',
  apiVersion: 1,
  description: 'Lets callers of Anthropic’s Messages protocol use providers that speak OpenAI’s chat completions.',
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

export default anthropicMessagesToOpenaiChat
