import { defineConfig } from 'tokligence'
import { anthropic, health, modelRoutes, models, protocols, requestLog, sqliteLedger, sqliteSessions, translations } from 'tokligence/plugins'

/** Gemini CLI speaks Gemini's protocol; every model it asks for is answered by Anthropic. */
export default defineConfig({
  plugins: [
    protocols(),
    translations(),
    anthropic(),
    modelRoutes({
      'gemini*flash*': 'anthropic/claude-haiku-4-5', // background work
      'gemini*': 'anthropic/claude-sonnet-5',
      'claude*': 'anthropic',
    }),
    models(),
    health(),
    requestLog(),
    sqliteLedger(),
    sqliteSessions(), // what conversations leave behind
  ],
})
