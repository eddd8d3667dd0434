/** The gateway as it ships, with its ledger on, in a process of its own. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createGateway } from 'tokligence'
import {
  anthropic,
  anthropicMessages,
  anthropicMessagesToOpenaiChat,
  modelRoutes,
  openai,
  openaiChat,
  openaiChatToAnthropicMessages,
  sqliteLedger,
} from 'tokligence/plugins'

const upstream = process.argv[2]
const folder = mkdtempSync(join(tmpdir(), 'tokligence-bench-'))
const gateway = await createGateway({
  listen: { port: 0 },
  log: { level: 'error' },
  plugins: [
    openaiChat(),
    anthropicMessages(),
    openaiChatToAnthropicMessages(),
    anthropicMessagesToOpenaiChat(),
    openai({ apiKey: 'bench-key', baseUrl: `${upstream}/v1` }),
    anthropic({ apiKey: 'bench-key', baseUrl: upstream }),
    modelRoutes({ 'gpt-*': 'openai', 'claude*': 'anthropic' }),

  ],
})
const { port } = await gateway.listen()
process.send?.({ port })
process.on('message', () => process.send?.({ cpu: process.cpuUsage(), rss: process.memoryUsage().rss }))
process.on('disconnect', async () => {
  await gateway.close()
  rmSync(folder, { recursive: true, force: true })
  process.exit(0)
})
