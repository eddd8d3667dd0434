import { defineConfig } from 'tokligence'
import { health, modelRoutes, models, openai, protocols, requestLog, sqliteLedger, sqliteSessions, translations } from 'tokligence/plugins'

/** Claude Code speaks Anthropic Messages; every model it asks for is answered by OpenAI. */
export default defineConfig({
  plugins: [
    protocols(),
    translations(),
    openai(),
    modelRoutes({
      'claude-haiku*': 'openai/gpt-5-mini', // background work
      'claude*': 'openai/gpt-5',
      'gpt-*': 'openai',
    }),
    models(),
    health(),
    requestLog(),
    sqliteLedger(),
    sqliteSessions(), // what conversations leave behind
  ],
})
