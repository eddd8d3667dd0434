import type { Finish, FinishReason, LossSink } from 'tokligence'

/** Words of the vendor (openai 6.49.0, ChatCompletion.Choice.finish_reason) and of compatible hosts. */
const reasons = new Map<string, FinishReason>([
  ['stop', 'stop'],
  ['length', 'length'],
  ['tool_calls', 'tool-calls'],
  ['function_call', 'tool-calls'],
  ['content_filter', 'content-filter'],
  // Mistral.
  ['model_length', 'context'],
  // DeepSeek.
  ['insufficient_system_resource', 'error'],
  ['error', 'error'],
])

export interface Said {
  readonly calls: boolean
  readonly refusal: boolean
  /** The caller knows calls by `function_call`. */
  readonly legacy?: boolean
}

/**
 * The word alone does not tell: a forced call ends with `stop`, and so does a refusal (fixture:
 * openllmetry/openai-chat/test_parsed_refused_completion.0).
 */
export function decodeFinish(raw: string | undefined, said: Said): Finish {
  if (raw === undefined) return { reason: 'other' }
  const reason = reasons.get(raw) ?? 'other'
  if (reason !== 'stop') return { reason, raw }
  return { reason: said.calls ? 'tool-calls' : said.refusal ? 'refusal' : 'stop', raw }
}

/** The word for a reply of another protocol. `path` is empty or ends in a dot. */
export function encodeFinish(finish: Finish, said: Said, path: string, losses: LossSink): string {
  if (finish.stopSequence !== undefined) losses.dropped(`${path}stop_sequence`, 'stop-sequence', 'hint', finish.stopSequence)
  switch (finish.reason) {
    case 'stop':
    case 'stop-sequence':
      return 'stop'
    case 'length':
      return 'length'
    case 'tool-calls':
      // The calls may be ones that the provider ran itself, which have no place here.
      return said.calls ? callsWord(said) : approximated(finish, 'stop', path, losses)
    case 'content-filter':
      return 'content_filter'
    case 'refusal':
      return said.refusal ? 'stop' : 'content_filter'
    case 'context':
      return approximated(finish, 'length', path, losses)
    case 'pause':
    case 'error':
    case 'other':
      return approximated(finish, said.calls ? callsWord(said) : 'stop', path, losses)
  }
}

function callsWord({ legacy }: Said): string {
  return legacy ? 'function_call' : 'tool_calls'
}

function approximated(finish: Finish, word: string, path: string, losses: LossSink): string {
  losses.approximated(`${path}finish_reason`, 'finish-reason', 'hint', `${finish.raw ?? finish.reason} became ${word}`)
  return word
}
