/** The text of the gateway.config.ts that `tokligence init` writes. */
export const starterConfig = `// For types in an editor: npm install --save-dev typescript @types/node
import { defineConfig } from 'tokligence'
import {
  anthropic,
  gemini,
  health,
  loopback,
  modelRoutes,
  models,
  openai,
  protocols,
  requestLog,
  sqliteLedger,
  sqliteSessions,
  translations,
} from 'tokligence/plugins'

// Keys come from the environment, or from .env beside this file. A provider without a key is left out.
const openaiKey = process.env.TOKLIGENCE_OPENAI_API_KEY || process.env.OPENAI_API_KEY
const anthropicKey = process.env.TOKLIGENCE_ANTHROPIC_API_KEY || process.env.ANTHROPIC_API_KEY
const geminiKey = process.env.TOKLIGENCE_GEMINI_API_KEY || process.env.GEMINI_API_KEY || process.env.GOOGLE_API_KEY
const openaiModels = { 'gpt*': 'openai', 'o1*': 'openai', 'o3*': 'openai', 'o4*': 'openai', 'chatgpt*': 'openai' } as const

export default defineConfig({
  // Only this machine can call the gateway. Another address needs an auth plugin.
  listen: { host: '127.0.0.1', port: 8081 },

  // Nothing is on that is not listed here; delete an entry, and exactly that feature is gone.
  plugins: [
    // The protocols that callers may speak, and the translations between them.
    protocols(),
    translations(),

    // Providers, each with the models that go to it: 'pattern': 'provider' or 'name': 'provider/model'.
    openaiKey && [openai(), modelRoutes(openaiModels, { id: 'openai' })],
    anthropicKey && [anthropic(), modelRoutes({ 'claude*': 'anthropic' }, { id: 'anthropic' })],
    geminiKey && [gemini(), modelRoutes({ 'gemini*': 'gemini' }, { id: 'gemini' })],

    // Answers by itself, for trying things out without a key or a network: ask for the model "loopback".
    [loopback(), modelRoutes({ 'loopback*': 'loopback' }, { id: 'loopback' })],

    // GET /v1/models.
    models(),

    // Remembers every request: tokligence usage.
    sqliteLedger(),

    // Keeps replies for previous_response_id, and thoughts for clients that drop them, in a file and for a day.
    sqliteSessions(),

    // GET /health, and one log line per request.
    health(),
    requestLog(),
  ],
})
`

/** The text of the .env.example that `tokligence init` writes. */
export const starterEnvironment = `# Copy this file to .env and fill it in. Variables that are set outside of it win.
OPENAI_API_KEY=
ANTHROPIC_API_KEY=
GEMINI_API_KEY=
`
