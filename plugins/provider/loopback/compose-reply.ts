import { createHash } from 'node:crypto'
import { type Block, type Conversation, estimateInputTokens, estimateTextTokens, type Finish, type Reply, type Usage } from 'tokligence'
import type { Behaviour } from './behaviour.ts'
import { limitText } from './limit-text.ts'
import { describeToolResults } from './read-conversation.ts'
import { sampleValue } from './sample-value.ts'
import { callTools } from './tool-calls.ts'

/** A text is repeated up to this many characters. */
const longestText = 1_000_000

/** The whole reply to a conversation; the same one for the same input, tool-call ids and the time excepted. */
export function composeReply(conversation: Conversation, behaviour: Behaviour, said: string, protocol: string): Reply {
  const thoughts = behaviour.think ? [think(said, protocol)] : []
  const spoken = speak(conversation, behaviour, said, tokensOf(thoughts))
  const blocks = [...thoughts, ...spoken.blocks]
  return {
    model: conversation.model,
    created: Math.floor(Date.now() / 1000),
    candidates: [{ blocks, finish: spoken.finish }],
    usage: usageOf(conversation, behaviour, blocks, thoughts),
  }
}

function speak(conversation: Conversation, behaviour: Behaviour, said: string, spent: number): { readonly blocks: readonly Block[]; readonly finish: Finish } {
  if (behaviour.refuse) return { blocks: [{ type: 'refusal', text: 'The loopback provider was told to refuse.' }], finish: { reason: 'refusal' } }
  const results = describeToolResults(conversation)
  const calls = results === undefined ? callTools(conversation, behaviour) : undefined
  if (calls) return { blocks: calls, finish: { reason: calls.some((block) => block.type === 'tool-call') ? 'tool-calls' : 'stop' } }
  const { text, finish } = limitText(answer(conversation, behaviour, results ?? (said || 'The user said nothing.')), conversation, spent)
  return { blocks: [{ type: 'text', text }], finish: behaviour.length ? { reason: 'length' } : finish }
}

/** The words themselves, or JSON when the caller asks for it. */
function answer({ output }: Conversation, { repeat }: Behaviour, words: string): string {
  if (output?.type === 'schema') return JSON.stringify(sampleValue(output.schema))
  if (output?.type === 'json') return JSON.stringify({ text: words })
  const times = Math.min(repeat, Math.max(1, Math.floor(longestText / (words.length + 1))))
  return times === 1 ? words : Array.from({ length: times }, () => words).join(' ')
}

/** A signed thought, as far as the protocol has such; the seal is a digest of the thought, the same one every time. */
function think(said: string, protocol: string): Block {
  const text = `The user said ${said.length} characters. I shall answer with them.`
  return { type: 'reasoning', text, sealed: { issuer: protocol, value: createHash('sha256').update(text).digest('base64') } }
}

function usageOf(conversation: Conversation, { usage = {} }: Behaviour, blocks: readonly Block[], thoughts: readonly Block[]): Usage {
  const reasoning = usage.reasoning ?? (thoughts.length > 0 ? tokensOf(thoughts) : undefined)
  return {
    inputUncached: usage.input ?? estimateInputTokens(conversation),
    output: usage.output ?? tokensOf(blocks),
    ...(usage.cacheRead !== undefined && { cacheRead: usage.cacheRead }),
    ...(usage.cacheWrite !== undefined && { cacheWrite: usage.cacheWrite }),
    ...(reasoning !== undefined && { reasoning }),
    source: 'estimated',
  }
}

function tokensOf(blocks: readonly Block[]): number {
  let tokens = 0
  for (const block of blocks) {
    if (block.type === 'text' || block.type === 'reasoning' || block.type === 'refusal') tokens += estimateTextTokens(block.text)
    else if (block.type === 'tool-call') tokens += estimateTextTokens(block.name) + estimateTextTokens(block.argumentsText)
  }
  return tokens
}
