import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type Reply, totalInput } from 'tokligence'
import { openaiClient } from '../../../support/sdk-readings.ts'

/** What a program reads out of one choice of a reply. */
export interface ChoiceMeaning {
  readonly text: string
  readonly refusal: string
  readonly calls: readonly { readonly id: string; readonly name: string; readonly arguments: string }[]
  readonly finish: string
}

export interface ReplyMeaning {
  readonly choices: readonly ChoiceMeaning[]
  readonly input: number | undefined
  readonly output: number | undefined
}

/** The vendor's own client reads the bytes from a server on a real socket. */
export async function readBySdk(body: Buffer, stream: boolean): Promise<ReplyMeaning> {
  const server = createServer((request, response) => {
    request.resume()
    response.setHeader('content-type', stream ? 'text/event-stream' : 'application/json')
    response.end(body)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const client = openaiClient(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
  try {
    const completion = stream
      ? await client.chat.completions.stream({ model: 'm', messages: [] }).finalChatCompletion()
      : await client.chat.completions.create({ model: 'm', messages: [] })
    return {
      choices: completion.choices.map(({ message, finish_reason }) => ({
        text: message.content ?? '',
        refusal: message.refusal ?? '',
        calls: (message.tool_calls ?? []).map((made) => {
          if (made.type !== 'function') throw new Error(`The recording has a call of type ${made.type}.`)
          return { id: made.id, name: made.function.name, arguments: made.function.arguments }
        }),
        finish: finish_reason,
      })),
      input: completion.usage?.prompt_tokens,
      output: completion.usage?.completion_tokens,
    }
  } finally {
    server.closeAllConnections()
    server.close()
  }
}

export function meaningOfReply(reply: Reply): ReplyMeaning {
  const joined = (blocks: Reply['candidates'][number]['blocks'], type: 'text' | 'refusal') =>
    blocks.map((block) => (block.type === type ? block.text : '')).join('')
  return {
    choices: reply.candidates.map(({ blocks, finish }) => ({
      text: joined(blocks, 'text'),
      refusal: joined(blocks, 'refusal'),
      calls: blocks.flatMap((block) => (block.type === 'tool-call' ? [{ id: block.id, name: block.name, arguments: block.argumentsText }] : [])),
      finish: finish.raw ?? '',
    })),
    input: reply.usage && totalInput(reply.usage),
    output: reply.usage?.output,
  }
}
