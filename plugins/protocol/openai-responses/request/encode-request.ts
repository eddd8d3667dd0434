import { type Conversation, type EncodeRequestOptions, type JsonObject, type LossSink, type ModelFacts, reportForeignFields } from 'tokligence'
import { isNative, protocolId } from '../wire/wire-memo.ts'
import { encodeCallerFields, takeShared } from './caller-fields.ts'
import { encodeInput } from './encode-input.ts'
import { encodeOwnRequest } from './encode-own-request.ts'
import { encodeSampling, reportUnsupported } from './encode-sampling.ts'
import { encodeThinking } from './encode-thinking.ts'
import { encodeToolChoice } from './encode-tool-choice.ts'
import { encodeTools } from './encode-tools.ts'
import { withoutRefusedCompactions } from './refused-compactions.ts'
import { includesLogprobs } from './request-groups.ts'
import { encodeTextFormat } from './text-format.ts'

/**
 * A conversation as a request body. One that was read from this protocol is written back as it was; any other is brought into the shape
 * that the vendor accepts, and what has no place is reported.
 */
export function encodeRequest(conversation: Conversation, options: EncodeRequestOptions): JsonObject {
  const { losses, facts } = options
  if (isNative(conversation)) return encodeOwnRequest(withoutRefusedCompactions(conversation, options), losses)
  const { shared, rest } = takeShared(conversation)
  reportForeignFields(rest, '', losses, protocolId)
  reportUnsupported(conversation, losses)
  const { effort, reasoning, include } = encodeThinking(conversation, facts, losses)
  const logprobs = encodeLogprobs(conversation, effort, facts, losses)
  const tools = encodeTools(conversation.tools, losses)
  const included = [...include, ...(logprobs === undefined ? [] : [includesLogprobs]), ...foundByTools(tools)]
  const instructions = encodeInstructions(conversation, losses)
  return {
    model: conversation.model,
    ...(instructions !== undefined && { instructions }),
    input: withJsonWord(encodeInput(conversation, losses), conversation, losses),
    ...toolFields(conversation, tools, losses),
    ...encodeSampling(conversation, effort, facts, losses),
    ...(reasoning && { reasoning }),
    ...encodeText(conversation, losses),
    ...(included.length > 0 && { include: included }),
    ...(logprobs !== undefined && logprobs > 0 && { top_logprobs: logprobs }),
    ...encodeCallerFields(conversation, shared, losses),
    ...(conversation.stream && { stream: true }),
  }
}

function encodeInstructions({ instructions }: Conversation, losses: LossSink): string | undefined {
  const texts: string[] = []
  for (const [index, block] of instructions.entries()) {
    const path = `system[${index}]`
    if (block.type !== 'foreign') reportForeignFields(block, path, losses, protocolId)
    if (block.type === 'text') texts.push(block.text)
    else losses.dropped(path, block.type === 'media' ? block.kind : block.type, 'semantic', 'Instructions are text alone.')
  }
  const said = texts.filter((text) => text !== '')
  return said.length === 0 ? undefined : said.join('\n\n')
}

/** The parallel flag means nothing when there is no tool. */
function toolFields({ tools, toolChoice, parallelToolCalls }: Conversation, written: readonly JsonObject[], losses: LossSink): JsonObject {
  const choice = toolChoice && encodeToolChoice(toolChoice, tools, written, losses)
  return {
    ...(written.length > 0 && { tools: written }),
    ...(choice !== undefined && { tool_choice: choice }),
    ...(written.length > 0 && parallelToolCalls !== undefined && { parallel_tool_calls: parallelToolCalls }),
  }
}

/** What the vendor's tools found is told only on demand; callers of other protocols get it with the call (openai 6.49.0, ResponseIncludable). */
function foundByTools(tools: readonly JsonObject[]): readonly string[] {
  const runs = (type: string) => tools.some((tool) => tool.type === type)
  return [...(runs('web_search') ? ['web_search_call.action.sources'] : []), ...(runs('code_interpreter') ? ['code_interpreter_call.outputs'] : [])]
}

/** Twenty alternatives at most (openai 6.49.0, top_logprobs). A model of fixed sampling refuses them as it refuses a temperature. */
function encodeLogprobs({ logprobs }: Conversation, effort: string | undefined, { fixedSampling }: ModelFacts, losses: LossSink): number | undefined {
  if (logprobs === undefined) return undefined
  if (fixedSampling === 'always' || (fixedSampling === 'thinking' && effort !== undefined && effort !== 'none')) {
    losses.dropped('logprobs', 'logprobs', 'semantic', 'The model gives none.')
    return undefined
  }
  if (logprobs > 20) losses.approximated('top_logprobs', 'logprobs', 'hint', '20 alternatives, the most there are.')
  return Math.min(logprobs, 20)
}

const verbosities = new Set(['low', 'medium', 'high'])

function encodeText({ output, verbosity }: Conversation, losses: LossSink): JsonObject {
  const format = output && encodeTextFormat(output, losses)
  const known = verbosity !== undefined && verbosities.has(verbosity)
  if (verbosity !== undefined && !known) losses.dropped('verbosity', 'verbosity', 'semantic', verbosity)
  const text = { ...(format !== undefined && { format }), ...(known && { verbosity }) }
  return Object.keys(text).length === 0 ? {} : { text }
}

/** "Response input messages must contain the word 'json' in some form to use 'text.format' of type 'json_object'." Instructions do not count. */
function withJsonWord(items: readonly JsonObject[], { output }: Conversation, losses: LossSink): readonly JsonObject[] {
  if (output?.type !== 'json' || items.some((item) => item.role !== undefined && /json/i.test(JSON.stringify(item.content)))) return items
  losses.invented('messages', 'json-instruction', 'hint', 'The vendor demands that the word JSON stands in the input.')
  return [...items, { type: 'message', role: 'developer', content: 'Answer with one JSON object.' }]
}
