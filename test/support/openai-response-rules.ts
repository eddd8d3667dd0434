import { type Fields, isObject, list } from './json-fields.ts'

/** Where a response stands: `running` in the first events, else how it ended. */
export type ResponseState = 'running' | 'completed' | 'incomplete' | 'failed'

const itemStatuses = ['in_progress', 'completed', 'incomplete']
const countsOfUsage = ['input_tokens', 'output_tokens', 'total_tokens'] as const

/**
 * What is wrong with a whole answer of the Responses endpoint; an empty list when nothing is. Written from
 * `openai@6.49.0/resources/responses/responses.d.ts`, Response.
 */
export function checkOpenaiResponse(value: unknown): string[] {
  const status = isObject(value) ? value.status : undefined
  return faultsOfResponse(value, status === 'incomplete' || status === 'failed' ? status : 'completed')
}

/** What is wrong with a response, as a whole answer or as what an event carries. */
export function faultsOfResponse(value: unknown, state: ResponseState): string[] {
  if (!isObject(value)) return ['has no response']
  const faults: string[] = []
  const need = (condition: boolean, otherwise: string) => void (condition || faults.push(otherwise))
  need(isText(value.id), 'has no response.id')
  need(value.object === 'response', `has the response.object ${JSON.stringify(value.object)}`)
  need(isCount(value.created_at), 'has no whole number in response.created_at')
  need(isText(value.model), 'has no response.model')
  need(typeof value.parallel_tool_calls === 'boolean', 'has no response.parallel_tool_calls')
  need(typeof value.tool_choice === 'string' || isObject(value.tool_choice), 'has no response.tool_choice')
  need(Array.isArray(value.tools), 'has no list in response.tools')
  need(value.metadata === null || isObject(value.metadata), 'has no response.metadata')
  need(value.instructions === null || typeof value.instructions === 'string' || Array.isArray(value.instructions), 'has no response.instructions')
  for (const name of ['temperature', 'top_p'] as const)
    need(value[name] === null || typeof value[name] === 'number', `has neither a number nor null in response.${name}`)
  if (Array.isArray(value.output)) faults.push(...value.output.flatMap((item, index) => faultsOfItem(item, `response.output[${index}]`)))
  else faults.push('has no list in response.output')
  faults.push(...faultsOfState(value, state))
  return faults
}

function faultsOfState({ status, error, incomplete_details: details, usage, output }: Fields, state: ResponseState): string[] {
  const faults: string[] = []
  const need = (condition: boolean, otherwise: string) => void (condition || faults.push(otherwise))
  if (state === 'running') {
    need(status === 'in_progress' || status === 'queued', `has the response.status ${JSON.stringify(status)}`)
    need(list(output).length === 0, 'has something in response.output already')
    need(usage === undefined || usage === null, 'has usage already')
  } else need(status === state, `has the response.status ${JSON.stringify(status)}`)
  if (state === 'failed') need(isObject(error) && isText(error.code) && isText(error.message), 'has no response.error with code and message')
  else need(error === null, 'has a response.error that is not null')
  if (state === 'incomplete')
    need(isObject(details) && ['max_output_tokens', 'content_filter'].includes(String(details.reason)), 'has no reason in response.incomplete_details')
  else need(details === null, 'has response.incomplete_details that are not null')
  if (state === 'completed' || state === 'incomplete' || isObject(usage)) faults.push(...faultsOfUsage(usage))
  return faults
}

/** `input_tokens_details.cache_write_tokens` is in the types but in no recording of the vendor: it may be missing. */
function faultsOfUsage(usage: unknown): string[] {
  if (!isObject(usage)) return ['has no response.usage']
  const { input_tokens: input, output_tokens: output, total_tokens: total, input_tokens_details: read, output_tokens_details: written } = usage
  const cached = isObject(read) ? read.cached_tokens : undefined
  const reasoning = isObject(written) ? written.reasoning_tokens : undefined
  const faults = countsOfUsage.filter((name) => !isCount(usage[name])).map((name) => `has no whole number in usage.${name}`)
  if (!isCount(cached)) faults.push('has no whole number in usage.input_tokens_details.cached_tokens')
  if (!isCount(reasoning)) faults.push('has no whole number in usage.output_tokens_details.reasoning_tokens')
  if (faults.length > 0) return faults
  if (total !== (input as number) + (output as number)) faults.push(`has the usage.total_tokens ${total} for ${input} + ${output}`)
  if ((cached as number) > (input as number)) faults.push('has more cached tokens than input tokens')
  if ((reasoning as number) > (output as number)) faults.push('has more reasoning tokens than output tokens')
  return faults
}

/** What is wrong with an output item. Of the vendor's own tools only the id and the type are looked at. */
export function faultsOfItem(item: unknown, at: string): string[] {
  if (!isObject(item)) return [`has ${at} that is no object`]
  const faults: string[] = []
  const need = (condition: boolean, otherwise: string) => void (condition || faults.push(`has ${at} ${otherwise}`))
  need(isText(item.type), 'without a type')
  need(isText(item.id), 'without an id')
  if (item.status !== undefined && item.status !== null) need(isText(item.status), 'with a status that is no text')
  switch (item.type) {
    case 'message':
      need(item.role === 'assistant', `with the role ${JSON.stringify(item.role)}`)
      need(itemStatuses.includes(String(item.status)), `with the status ${JSON.stringify(item.status)}`)
      need(Array.isArray(item.content), 'without a list of content')
      for (const [index, part] of list(item.content).entries()) faults.push(...faultsOfPart(part, `${at}.content[${index}]`))
      break
    case 'function_call':
    case 'custom_tool_call':
      need(isText(item.call_id), 'without a call_id')
      need(isText(item.name), 'without a name')
      if (item.type === 'custom_tool_call') need(typeof item.input === 'string', 'with an input that is no text')
      else {
        need(typeof item.arguments === 'string', 'with arguments that are no text')
        need(itemStatuses.includes(String(item.status)), `with the status ${JSON.stringify(item.status)}`)
      }
      break
    case 'reasoning':
      need(Array.isArray(item.summary), 'without a list of summaries')
      need(item.encrypted_content === undefined || item.encrypted_content === null || isText(item.encrypted_content), 'with encrypted_content that is no text')
      need(item.content === undefined || Array.isArray(item.content), 'with content that is no list')
      for (const [index, part] of [...list(item.summary), ...list(item.content)].entries()) faults.push(...faultsOfPart(part, `${at} part ${index}`))
      break
    case 'web_search_call':
      need(isText(item.status), 'without a status')
      break
  }
  return faults
}

/** What is wrong with a part of a message, of a reasoning item or of its summary. */
export function faultsOfPart(part: unknown, at: string): string[] {
  if (!isObject(part)) return [`has ${at} that is no object`]
  switch (part.type) {
    case 'output_text':
      if (typeof part.text !== 'string') return [`has ${at} without text`]
      return Array.isArray(part.annotations) ? [] : [`has ${at} without a list of annotations`]
    case 'refusal':
      return typeof part.refusal === 'string' ? [] : [`has ${at} without a refusal`]
    case 'summary_text':
    case 'reasoning_text':
      return typeof part.text === 'string' ? [] : [`has ${at} without text`]
    default:
      return [`has ${at} of the type ${JSON.stringify(part.type)}`]
  }
}

/**
 * An item without what may differ from event to event: the vendor encrypts the same reasoning anew for `output_item.added`, `output_item.done` and
 * `response.completed` (recorded with gpt-5-nano and gpt-5.4).
 */
export function comparable(item: Fields): Fields {
  const { encrypted_content: _, ...rest } = item
  return rest
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== ''
}

function isCount(value: unknown): boolean {
  return Number.isInteger(value) && (value as number) >= 0
}
