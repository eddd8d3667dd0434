import type { Meaning } from '../support/meaning.ts'
import type { RecordedProtocol, Recording } from '../support/recordings.ts'
import type { Path } from './vendors.ts'

/** Protocols in which a refusal is told from other text. */
const refusing: readonly RecordedProtocol[] = ['openai-chat', 'openai-responses']

/** Protocols with tools that take free text; elsewhere it stands in the one property of an object. */
const freeform = refusing

/**
 * What a caller heard beside what it should have heard, for all that its protocol can say: a refusal is text where one of the two has no word for it,
 * Gemini tells no tokens that were written to a cache from others, and figures that the upstream did not give are estimated.
 */
export function carried({ caller, upstream }: Path, heard: Meaning, said: Meaning): { readonly heard: object; readonly expected: object } {
  const both = refusing.includes(caller) && refusing.includes(upstream)
  const inWords = ({ usage: _, thinking, ...meaning }: Meaning) => ({
    ...meaning,
    // Parts of thoughts are joined by blank lines in some protocols.
    thinking: thinking.replace(/\s+/g, ''),
    ...(!both && { text: meaning.text + meaning.refusal, refusal: '' }),
  })
  const toolCalls = said.toolCalls.map((call) =>
    typeof call.arguments === 'string' && !freeform.includes(caller) ? { ...call, arguments: { input: call.arguments } } : call,
  )
  const usage = said.usage && caller === 'gemini' ? { ...said.usage, input: said.usage.input + said.usage.cacheWrite, cacheWrite: 0 } : said.usage
  return { heard: { ...inWords(heard), ...(usage && { usage: heard.usage }) }, expected: { ...inWords({ ...said, toolCalls }), ...(usage && { usage }) } }
}

/** The client of chat completions cannot put a streamed call of a tool with free text together: openai@6.49.0/lib/ChatCompletionStream.mjs. */
export function isReadable({ caller }: Path, { stream, features }: Recording): boolean {
  return !(caller === 'openai-chat' && stream && features.includes('custom-tools'))
}
