import { type Block, featureName, isJsonObject, type JsonObject, reportForeignFields, type ToolResultBlock } from 'tokligence'
import { spell } from '../wire/fields.ts'
import { jsonOf } from '../wire/json-of.ts'
import { protocolId, recallInner } from '../wire/wire-memo.ts'
import { wireId } from './encode-call.ts'
import { encodeMedia } from './encode-media.ts'
import { codeExecution, serverToolType } from './hosted-tools.ts'
import type { PartContext } from './part-context.ts'

export interface EncodedResult {
  readonly part: JsonObject | undefined
  /** Parts that have to stand behind the results. */
  readonly media: readonly JsonObject[]
}

export function encodeResult(block: ToolResultBlock, path: string, context: PartContext): EncodedResult {
  const { memo } = recallInner(block, 'functionResponse')
  if (memo.body === 'codeExecutionResult') return { part: codeResult(block), media: [] }
  if (memo.body === 'toolResponse') return { part: serverResult(block, context), media: [] }
  if (memo.shape === undefined && !context.native && isHosted(block, context)) {
    const part = hostedName(block, context) === codeExecution ? codeResult(block) : context.place === 'reply' ? serverResult(block, context) : undefined
    if (!part) context.losses.dropped(path, 'hosted-tool-result', 'semantic')
    return { part, media: [] }
  }
  if (context.place === 'request' || context.native) return functionResponse(block, path, context)
  // Only callers answer functions.
  context.losses.dropped(path, 'hosted-tool-result', 'semantic')
  return { part: undefined, media: [] }
}

function hostedName({ name, callId }: ToolResultBlock, { callName }: PartContext): string | undefined {
  return name ?? callName?.(callId)
}

function isHosted(block: ToolResultBlock, context: PartContext): boolean {
  const name = hostedName(block, context)
  return name === codeExecution || (name !== undefined && serverToolType(name) !== undefined)
}

function functionResponse(block: ToolResultBlock, path: string, context: PartContext): EncodedResult {
  const { outer, inner, memo } = recallInner(block, 'functionResponse')
  const texts: string[] = []
  const media: JsonObject[] = []
  for (const [index, child] of block.content.entries()) {
    const at = `${path}.content[${index}]`
    const text = textOf(child, at, context)
    if (text !== undefined) texts.push(text)
    else media.push(...mediaOf(child, at, context))
  }
  const inside = context.native || context.mediaInResults === true
  const response = memo.shape === 'none' && texts.length === 0 ? undefined : responseOf(block, texts.join('\n'), memo)
  const body = {
    ...inner,
    ...wireId(block.callId, memo),
    name: nameOf(block, path, context),
    ...(response && { response }),
    ...(inside && media.length > 0 && { parts: media }),
  }
  return { part: { ...outer, ...spell({ functionResponse: body }, memo.snake) }, media: inside ? [] : media }
}

/** The name is required, and pairs the response with its call where there is no id. */
function nameOf(block: ToolResultBlock, path: string, { callName, losses }: PartContext): string {
  const name = block.name ?? callName?.(block.callId)
  if (name !== undefined) return name
  losses.invented(`${path}.name`, 'tool-name', 'hint', block.callId)
  return block.callId
}

/** `output` and `error` are the vendor's words (FunctionResponse.response in @google/genai 3.1.0); a response that came in another shape goes back in it. */
function responseOf(block: ToolResultBlock, text: string, memo: JsonObject): JsonObject {
  const named = memo.named === true && block.name !== undefined ? { name: block.name } : {}
  if (memo.shape === 'json' || memo.shape === 'error-json') {
    const value = jsonOf(text)
    if (memo.shape === 'error-json' && value !== undefined) return { error: value }
    if (isJsonObject(value)) return value
  } else if (typeof memo.shape === 'string' && memo.shape !== 'none') return { ...named, [memo.shape]: text }
  return { [block.isError ? 'error' : 'output']: text }
}

function textOf(block: Block, path: string, { losses }: PartContext): string | undefined {
  if (block.type !== 'text' && block.type !== 'refusal' && block.type !== 'reasoning') return undefined
  reportForeignFields(block, path, losses, protocolId)
  return block.text
}

function mediaOf(block: Block, path: string, context: PartContext): JsonObject[] {
  if (block.type === 'media') {
    reportForeignFields(block, path, context.losses, protocolId)
    const part = encodeMedia(block, path, context)
    return part ? [part] : []
  }
  if (block.type === 'foreign' && block.protocol === protocolId && isJsonObject(block.value)) return [block.value]
  context.losses.dropped(path, block.type === 'foreign' ? featureName(block.kind) : block.type, 'semantic')
  return []
}

function codeResult(block: ToolResultBlock): JsonObject {
  const { outer, inner, memo } = recallInner(block, 'codeExecutionResult')
  const outcome = memo.outcome ?? (block.isError ? 'OUTCOME_FAILED' : 'OUTCOME_OK')
  const output = plainText(block)
  const body = { ...inner, ...wireId(block.callId, memo), ...(outcome !== false && { outcome }), ...(block.form !== 'none' && { output }) }
  return { ...outer, ...spell({ codeExecutionResult: body }, memo.snake) }
}

function serverResult(block: ToolResultBlock, context: PartContext): JsonObject {
  const { outer, inner, memo } = recallInner(block, 'toolResponse')
  const text = plainText(block)
  const value = jsonOf(text)
  const response = text === '' ? (memo.empty === true ? {} : undefined) : isJsonObject(value) ? value : { output: text }
  const body = { ...wireId(block.callId, memo), toolType: serverToolType(hostedName(block, context) ?? '') ?? '', ...(response && { response }) }
  return { ...outer, ...spell({ toolResponse: { ...inner, ...spell(body, memo.snakeInner) } }, memo.snake) }
}

function plainText({ content }: ToolResultBlock): string {
  return content.map((block) => (block.type === 'text' ? block.text : '')).join('')
}
