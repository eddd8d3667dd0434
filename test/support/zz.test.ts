import { readFileSync } from 'node:fs'
import { it } from 'vitest'
import { checkAnthropicMessagesStream } from './check-anthropic-messages-stream.ts'
import { checkOpenaiChatStream } from './check-openai-chat-stream.ts'

it('x', () => {
  const root = '/work/shared/fixtures/'
  for (const e of JSON.parse(readFileSync(`${root}MANIFEST.json`, 'utf8'))) {
    if (e.format !== 'sse' || e.status !== 200) continue
    const bytes = readFileSync(root + e.file)
    let v: string[] = []
    if (e.protocol === 'openai-chat') {
      const rq = JSON.parse(readFileSync(root + e.request, 'utf8'))
      v = checkOpenaiChatStream(bytes, { includeUsage: rq.stream_options?.include_usage === true })
    } else if (e.protocol === 'anthropic-messages') v = checkAnthropicMessagesStream(bytes)
    if (v.length) console.log(e.id, v.slice(0, 5))
  }
})
