import { defineConfig } from 'tokligence'
import {
  anthropic,
  anthropicMessages,
  anthropicMessagesToGemini,
  anthropicMessagesToOpenaiChat,
  anthropicMessagesToOpenaiResponses,
  gemini,
  geminiContents,
  geminiToAnthropicMessages,
  geminiToOpenaiChat,
  geminiToOpenaiResponses,
  health,
  loopback,
  memorySessions,
  modelRoutes,
  models,
  openai,
  openaiChat,
  openaiChatToAnthropicMessages,
  openaiChatToGemini,
  openaiChatToOpenaiResponses,
  openaiCompatible,
  openaiResponses,
  openaiResponsesToAnthropicMessages,
  openaiResponsesToGemini,
  openaiResponsesToOpenaiChat,
  prefixWatch,
  requestLog,
  seals,
  sqliteLedger,
  sqliteSessions,
} from 'tokligence/plugins'

const openaiKey = process.env.TOKLIGENCE_OPENAI_API_KEY || process.env.OPENAI_API_KEY
const anthropicKey = process.env.TOKLIGENCE_ANTHROPIC_API_KEY || process.env.ANTHROPIC_API_KEY
const geminiKey = process.env.TOKLIGENCE_GEMINI_API_KEY || process.env.GEMINI_API_KEY || process.env.GOOGLE_API_KEY
const compatibleUrl = process.env.OPENAI_COMPATIBLE_BASE_URL

export default defineConfig({
  listen: { host: '127.0.0.1', port: 8081 },
  plugins: [
    openaiChat(), // POST /v1/chat/completions, /v1/embeddings
    openaiResponses(), // POST /v1/responses
    anthropicMessages(), // POST /v1/messages, and count_tokens
    geminiContents(), // POST /v1beta/models/….generateContent, and its neighbours

    // Callers of the one, providers of the other: every direction is a plugin of its own.
    openaiChatToOpenaiResponses(),
    openaiChatToAnthropicMessages(),
    openaiChatToGemini(),
    openaiResponsesToOpenaiChat(),
    openaiResponsesToAnthropicMessages(),
    openaiResponsesToGemini(),
    anthropicMessagesToOpenaiChat(),
    anthropicMessagesToOpenaiResponses(),
    anthropicMessagesToGemini(),
    geminiToOpenaiChat(),
    geminiToOpenaiResponses(),
    geminiToAnthropicMessages(),
    seals(), // carry what only its provider can read, such as encrypted thoughts, through callers of another protocol and back

    // A provider stands together with the model names that go to it.
    openaiKey && [
      openai({ apiKey: openaiKey }),
      modelRoutes({ 'gpt*': 'openai', 'o1*': 'openai', 'o3*': 'openai', 'o4*': 'openai', 'chatgpt*': 'openai' }, { id: 'openai' }),
    ],
    anthropicKey && [anthropic({ apiKey: anthropicKey }), modelRoutes({ 'claude*': 'anthropic' }, { id: 'anthropic' })],
    geminiKey && [gemini({ apiKey: geminiKey }), modelRoutes({ 'gemini*': 'gemini' }, { id: 'gemini' })],
    compatibleUrl && openaiCompatible({ id: 'compatible', baseUrl: compatibleUrl }), // any other server; ask for "compatible/<model>"
    [loopback(), modelRoutes({ 'loopback*': 'loopback' }, { id: 'loopback' })], // answers by itself, without a network

    models(), // GET /v1/models, and what is known of each model
    sqliteLedger(), // remembers every request: tokligence usage
    // Keeps replies for previous_response_id, and thoughts for clients that drop them, for a day; nothing on disk where the ledger is not.
    process.env.TOKLIGENCE_LEDGER_PATH === ':memory:' ? memorySessions() : sqliteSessions(),
    // Says who changes the beginning of a prompt that the provider's cache held. It reads every prompt a second time, so it is asked for.
    process.env.TOKLIGENCE_PREFIX_WATCH === 'true' && prefixWatch(),
    health(), // GET /health
    requestLog(), // one log line per request
  ],
})
