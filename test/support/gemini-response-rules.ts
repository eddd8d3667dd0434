import { type Fields, isObject, list } from './json-fields.ts'

/** Source: `@google/genai@3.1.0/dist/genai.d.ts`, Part: of these a part has exactly one … */
const dataFields = 'text inlineData fileData functionCall functionResponse executableCode codeExecutionResult toolCall toolResponse audioTranscription'.split(
  ' ',
)
/** … and any of these beside it. */
const besideData = 'thought thoughtSignature videoMetadata mediaResolution partMetadata mediaProcessing speechMetadata'.split(' ')
/** Source: the same file, GenerateContentResponse, Candidate, FinishReason, BlockedReason and Outcome. */
const chunkFields = new Set('candidates createTime modelVersion promptFeedback responseId usageMetadata modelStatus'.split(' '))
const candidateFields = new Set(
  (
    'content citationMetadata finishMessage tokenCount finishReason groundingMetadata avgLogprobs index logprobsResult safetyRatings urlContextMetadata ' +
    'continuationToken'
  ).split(' '),
)
const finishReasons = new Set(
  (
    'FINISH_REASON_UNSPECIFIED STOP MAX_TOKENS SAFETY RECITATION LANGUAGE OTHER BLOCKLIST PROHIBITED_CONTENT SPII MALFORMED_FUNCTION_CALL IMAGE_SAFETY ' +
    'UNEXPECTED_TOOL_CALL TOO_MANY_TOOL_CALLS IMAGE_PROHIBITED_CONTENT NO_IMAGE IMAGE_RECITATION IMAGE_OTHER CONTINUATION MALFORMED_RESPONSE'
  ).split(' '),
)
const blockReasons = new Set('SAFETY OTHER BLOCKLIST PROHIBITED_CONTENT IMAGE_SAFETY MODEL_ARMOR JAILBREAK'.split(' '))
const outcomes = ['OUTCOME_OK', 'OUTCOME_FAILED', 'OUTCOME_DEADLINE_EXCEEDED']
const tokenCounts = ['promptTokenCount', 'candidatesTokenCount', 'thoughtsTokenCount', 'toolUsePromptTokenCount', 'cachedContentTokenCount', 'totalTokenCount']
const base64 = /^[A-Za-z0-9+/_-]+={0,2}$/

/** What is wrong with the head of a chunk or of a whole answer; its candidates and its usage are looked at on their own. */
export function faultsOfHead(chunk: Fields): string[] {
  const faults = Object.keys(chunk)
    .filter((name) => !chunkFields.has(name))
    .map((name) => `has the field ${name}, which the protocol does not have`)
  const { candidates, promptFeedback: feedback, usageMetadata: usage } = chunk
  if (candidates !== undefined && !Array.isArray(candidates)) faults.push('has candidates that are no list')
  if (feedback !== undefined && !isObject(feedback)) faults.push('has promptFeedback that is no object')
  if (isObject(feedback) && feedback.blockReason !== undefined && !blockReasons.has(String(feedback.blockReason)))
    faults.push(`has the blockReason ${JSON.stringify(feedback.blockReason)}`)
  if (list(candidates).length === 0 && usage === undefined && !isBlocked(chunk)) faults.push('has neither candidates nor usageMetadata nor a blockReason')
  return faults
}

/** Whether the vendor let the prompt through; what it blocked has no candidate. */
export function isBlocked({ promptFeedback: feedback }: Fields): boolean {
  return isObject(feedback) && typeof feedback.blockReason === 'string'
}

/** What is wrong with one candidate of a chunk or of a whole answer. */
export function faultsOfCandidate(candidate: Fields): string[] {
  const faults = Object.keys(candidate)
    .filter((name) => !candidateFields.has(name))
    .map((name) => `has a candidate with the field ${name}, which the protocol does not have`)
  const { index, content, finishReason } = candidate
  if (index !== undefined && !isCount(index)) faults.push(`has a candidate with the index ${JSON.stringify(index)}`)
  if (finishReason !== undefined && !finishReasons.has(String(finishReason))) faults.push(`has the finishReason ${JSON.stringify(finishReason)}`)
  // What was stopped before it began has no content, and the last chunk may have content without parts (recorded with images).
  if (content === undefined) return finishReason === undefined ? [...faults, 'has a candidate without content'] : faults
  if (!isObject(content)) return [...faults, 'has content that is no object']
  const { role, parts, ...others } = content
  for (const name of Object.keys(others)) faults.push(`has content with the field ${name}, which the protocol does not have`)
  if (role !== 'model') faults.push(`has content with the role ${JSON.stringify(role)}`)
  if (parts === undefined && finishReason !== undefined) return faults
  if (!Array.isArray(parts) || parts.length === 0) return [...faults, 'has content without parts']
  return [...faults, ...parts.flatMap(faultsOfPart)]
}

function faultsOfPart(part: unknown): string[] {
  if (!isObject(part)) return ['has a part that is no object']
  const given = dataFields.filter((name) => part[name] !== undefined)
  const faults = Object.keys(part)
    .filter((name) => !dataFields.includes(name) && !besideData.includes(name))
    .map((name) => `has a part with the field ${name}, which the protocol does not have`)
  if (given.length !== 1) faults.push(`has a part with ${given.length === 0 ? 'no data' : given.join(' and ')}; a part has exactly one`)
  const {
    text,
    thought,
    thoughtSignature: signature,
    functionCall: call,
    functionResponse,
    inlineData,
    executableCode: code,
    codeExecutionResult: result,
  } = part
  const need = (condition: boolean, otherwise: string) => void (condition || faults.push(otherwise))
  need(text === undefined || typeof text === 'string', 'has a text that is no text')
  need(thought === undefined || typeof thought === 'boolean', 'has a thought that is neither true nor false')
  need(signature === undefined || (typeof signature === 'string' && base64.test(signature)), 'has a thoughtSignature that is no base64')
  need(functionResponse === undefined, 'has a functionResponse, which only the caller writes')
  if (call !== undefined) faults.push(...faultsOfCall(call))
  if (inlineData !== undefined)
    need(isObject(inlineData) && isText(inlineData.mimeType) && base64.test(String(inlineData.data)), 'has inlineData without a mimeType and base64 data')
  if (code !== undefined) need(isObject(code) && isText(code.code) && isText(code.language), 'has executableCode without language and code')
  if (result !== undefined) need(isObject(result) && outcomes.includes(String(result.outcome)), 'has a codeExecutionResult without an outcome')
  return faults
}

function faultsOfCall(call: unknown): string[] {
  if (!isObject(call)) return ['has a functionCall that is no object']
  const { id, name, args, ...others } = call
  const faults = Object.keys(others).map((field) => `has a functionCall with the field ${field}, which the protocol does not have`)
  if (!isText(name)) faults.push('has a functionCall without a name')
  if (args !== undefined && !isObject(args)) faults.push('has a functionCall whose args are no object')
  if (id !== undefined && !isText(id)) faults.push('has a functionCall with an empty id')
  return faults
}

/** What is wrong with usage. In all but the last chunk the counts may be missing: Vertex has only a trafficType there. */
export function faultsOfUsage(usage: unknown, isLast: boolean): string[] {
  if (usage === undefined) return isLast ? ['has no usageMetadata'] : []
  if (!isObject(usage)) return ['has usageMetadata that is no object']
  const faults = tokenCounts.filter((name) => usage[name] !== undefined && !isCount(usage[name])).map((name) => `has no whole number in usageMetadata.${name}`)
  if (isLast)
    for (const name of ['promptTokenCount', 'totalTokenCount'] as const) if (usage[name] === undefined) faults.push(`has no usageMetadata.${name} at the end`)
  if (faults.length > 0 || usage.totalTokenCount === undefined) return faults
  const count = (name: string) => (usage[name] ?? 0) as number
  const sum = count('promptTokenCount') + count('candidatesTokenCount') + count('thoughtsTokenCount') + count('toolUsePromptTokenCount')
  if (sum !== usage.totalTokenCount) faults.push(`has the totalTokenCount ${usage.totalTokenCount} for a sum of ${sum}`)
  if (count('cachedContentTokenCount') > count('promptTokenCount')) faults.push('has more cached tokens than prompt tokens')
  return faults
}

/** What is wrong with the vendor's error envelope, google.rpc.Status as JSON. */
export function faultsOfError(error: unknown): string[] {
  if (!isObject(error)) return ['has an error that is no object']
  const faults: string[] = []
  if (!Number.isInteger(error.code) || (error.code as number) < 400) faults.push(`has an error with the code ${JSON.stringify(error.code)}`)
  if (!isText(error.message)) faults.push('has an error without a message')
  if (typeof error.status !== 'string' || !/^[A-Z_]+$/.test(error.status)) faults.push(`has an error with the status ${JSON.stringify(error.status)}`)
  return faults
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== ''
}

function isCount(value: unknown): boolean {
  return Number.isInteger(value) && (value as number) >= 0
}
