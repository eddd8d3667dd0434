import { defineConfig } from 'tokligence'
import {
  anthropic,
  anthropicMessages,
  health,
  modelRoutes,
  models,
  openaiResponses,
  openaiResponsesToAnthropicMessages,
  requestLog,
  sqliteLedger,
} from 'tokligence/plugins'

/** Codex speaks Responses; every model it asks for is answered by Anthropic. */
export default defineConfig({
  plugins: [
    openaiResponses(),
    anthropicMessages(),
    openaiResponsesToAnthropicMessages(),
    anthropic(),
    modelRoutes({
      'gpt-*': 'anthropic/claude-sonnet-5', // whatever Codex is told to use
      'claude*': 'anthropic',
    }),
    models(),
    health(),
    requestLog(),
    sqliteLedger(),
  ],
})
