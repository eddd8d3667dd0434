import { defineConfig } from 'tokligence'
import { anthropic, health, modelRoutes, models, protocols, requestLog, sqliteLedger, sqliteSessions, translations } from 'tokligence/plugins'

/** Codex speaks Responses; every model it asks for is answered by Anthropic. */
export default defineConfig({
  plugins: [
    protocols(),
    translations(),
    anthropic(),
    modelRoutes({
      'gpt-*': 'anthropic/claude-sonnet-5', // whatever Codex is told to use
      'claude*': 'anthropic',
    }),
    models(),
    health(),
    requestLog(),
    sqliteLedger(),
    sqliteSessions(), // what conversations leave behind
  ],
})
