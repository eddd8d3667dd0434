import type { Block } from './blocks.ts'
import type { Conversation } from './conversation.ts'
import type { Reply } from './reply.ts'

/** English text has about four characters per token in the tokenizers of all large vendors. */
const charactersPerToken = 4

/** What a picture or a page of a document costs, roughly; vendors count by resolution, which is not known here. */
const tokensPerMedia = 1_000

/** Tokens of a text, estimated. Takes the text, or how many characters it has. */
export function estimateTextTokens(text: string | number): number {
  return Math.ceil((typeof text === 'string' ? text.length : text) / charactersPerToken)
}

/** Every text that a model reads of a request, and what its media cost, roughly. */
export function countedTexts(conversation: Conversation): { readonly texts: readonly string[]; readonly mediaTokens: number } {
  const texts: string[] = []
  let media = 0
  const collect = (blocks: readonly Block[]): void => {
    for (const block of blocks) {
      if (block.type === 'text' || block.type === 'reasoning' || block.type === 'refusal') texts.push(block.text)
      else if (block.type === 'tool-call') texts.push(block.name, block.argumentsText)
      else if (block.type === 'tool-result') collect(block.content)
      else if (block.type === 'media') media++
      else texts.push(JSON.stringify(block.value))
    }
  }
  collect(conversation.instructions)
  for (const turn of conversation.turns) collect(turn.blocks)
  // Without what is only kept for the way back.
  for (const tool of conversation.tools) texts.push(JSON.stringify({ ...tool, ext: undefined }))
  return { texts, mediaTokens: media * tokensPerMedia }
}

/** Input tokens of a request, estimated from its texts, tool calls, tool schemas and media. At least 1. */
export function estimateInputTokens(conversation: Conversation): number {
  const { texts, mediaTokens } = countedTexts(conversation)
  const characters = texts.reduce((sum, text) => sum + text.length, 0)
  return Math.max(1, Math.ceil(characters / charactersPerToken) + mediaTokens)
}

/** Output tokens of a reply, estimated from its texts and tool calls. */
export function estimateOutputTokens(reply: Reply): number {
  let characters = 0
  for (const { blocks } of reply.candidates) {
    for (const block of blocks) {
      if (block.type === 'text' || block.type === 'reasoning' || block.type === 'refusal') characters += block.text.length
      else if (block.type === 'tool-call') characters += block.name.length + block.argumentsText.length
    }
  }
  return Math.ceil(characters / charactersPerToken)
}

/** A string this long without a space is data, not words. Bytes. */
const longestWord = 4_096

/** Input tokens of a body that is not decoded, estimated from its bytes; pictures and files inside it count as media, not as text. At least 1. */
export function estimateBodyTokens(body: Buffer): number {
  if (body.length < longestWord) return Math.max(1, Math.ceil(body.length / charactersPerToken))
  let bytes = body.length
  let media = 0
  for (let open = body.indexOf(0x22); open !== -1; ) {
    const close = body.indexOf(0x22, open + 1)
    if (close === -1) break
    if (close - open > longestWord && !body.subarray(open, open + longestWord).includes(0x20)) {
      bytes -= close - open
      media++
    }
    open = close - open > longestWord ? body.indexOf(0x22, close + 1) : close
  }
  return Math.max(1, Math.ceil(bytes / charactersPerToken) + media * tokensPerMedia)
}
