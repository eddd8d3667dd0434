import { type Block, type Finish, isJsonObject, type JsonObject, type LossSink } from 'tokligence'

/** What a reply holds, for the reasons that the status alone does not tell. */
export interface Said {
  readonly calls: boolean
  readonly refusal: boolean
}

export function saidIn(blocks: readonly Block[]): Said {
  return {
    calls: blocks.some((block) => block.type === 'tool-call' && block.executedBy === 'client'),
    refusal: blocks.some((block) => block.type === 'refusal'),
  }
}

/** From `status` and `incomplete_details` (openai 6.49.0, ResponseStatus and Response.IncompleteDetails). The word on the wire is the nearer one. */
export function decodeFinish({ status, incomplete_details: details }: JsonObject, said: Said): Finish {
  if (status === 'incomplete') {
    const raw = isJsonObject(details) && typeof details.reason === 'string' ? details.reason : 'incomplete'
    return { reason: raw === 'max_output_tokens' ? 'length' : raw === 'content_filter' ? 'content-filter' : 'other', raw }
  }
  const raw = typeof status === 'string' ? { raw: status } : {}
  if (status !== 'completed' && status !== undefined) return { reason: status === 'failed' ? 'error' : 'other', ...raw }
  return { reason: said.calls ? 'tool-calls' : said.refusal ? 'refusal' : 'stop', ...raw }
}

export type Ending = {
  readonly status: 'completed' | 'incomplete' | 'failed'
  readonly error: JsonObject | null
  readonly incomplete_details: JsonObject | null
}

/** How a reply of another protocol ends here. */
export function encodeFinish(finish: Finish, said: Said, losses: LossSink): Ending {
  if (finish.stopSequence !== undefined) losses.dropped('stop_sequence', 'stop-sequence', 'hint', finish.stopSequence)
  switch (finish.reason) {
    case 'stop':
    case 'stop-sequence':
    case 'tool-calls':
      return completed
    case 'refusal':
      return said.refusal ? completed : incomplete('content_filter')
    case 'length':
      return incomplete('max_output_tokens')
    case 'content-filter':
      return incomplete('content_filter')
    case 'context':
      approximated(finish, 'max_output_tokens', losses)
      return incomplete('max_output_tokens')
    case 'error':
      return { ...completed, status: 'failed', error: { code: 'server_error', message: `The generation failed: ${finish.raw ?? 'no reason was given'}.` } }
    case 'pause':
    case 'other':
      approximated(finish, 'completed', losses)
      return completed
  }
}

const completed: Ending = { status: 'completed', error: null, incomplete_details: null }

function incomplete(reason: string): Ending {
  return { status: 'incomplete', error: null, incomplete_details: { reason } }
}

function approximated(finish: Finish, word: string, losses: LossSink): void {
  losses.approximated('status', 'finish-reason', 'hint', `${finish.raw ?? finish.reason} became ${word}`)
}
