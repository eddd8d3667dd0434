import { isJsonObject, type JsonObject, sealToBase64, type ToolCallBlock } from 'tokligence'
import { argumentsObject } from '../../anthropic-messages/message/tool-arguments.ts'
import { spell } from '../wire/fields.ts'
import { jsonOf } from '../wire/json-of.ts'
import { recall, recallInner } from '../wire/wire-memo.ts'
import { codeExecution, serverToolType } from './hosted-tools.ts'
import type { PartContext } from './part-context.ts'

export function encodeCall(block: ToolCallBlock, path: string, context: PartContext): JsonObject | undefined {
  if (block.executedBy === 'client') return functionCall(block, path, context)
  const part = block.name === codeExecution ? executableCode(block) : serverCall(block, path, context)
  if (!part) context.losses.dropped(path, 'hosted-tool-call', 'semantic')
  return part
}

function functionCall(block: ToolCallBlock, path: string, context: PartContext): JsonObject {
  const { outer, inner, memo } = recallInner(block, 'functionCall')
  if (block.namespace !== undefined) context.losses.dropped(`${path}.namespace`, 'tool-namespace', 'semantic')
  const args = argumentsOf(block, path, context)
  const call = { ...inner, ...wireId(block.id, memo), name: block.name, ...(!(memo.argless === true && isEmptyObject(args)) && { args }) }
  return withSeal(block, outer, { functionCall: call }, memo)
}

/** Python alone is told by the vendor (Language in @google/genai 3.1.0). */
function executableCode(block: ToolCallBlock): JsonObject | undefined {
  const { outer, inner, memo } = recallInner(block, 'executableCode')
  const own = memo.body === 'executableCode'
  const input = jsonOf(block.argumentsText)
  const code = isJsonObject(input) ? input.code : block.form === 'text' ? block.argumentsText : undefined
  if (typeof code !== 'string' && !own) return undefined
  const language = memo.language ?? 'PYTHON'
  const body = {
    ...inner,
    ...wireId(block.id, memo),
    ...(language !== false && { language }),
    ...(typeof code === 'string' && { code }),
  }
  return withSeal(block, outer, { executableCode: body }, memo)
}

/** Calls that the vendor's server made are told in replies, and echoed by the caller. A request for the vendor holds only its own. */
function serverCall(block: ToolCallBlock, path: string, context: PartContext): JsonObject | undefined {
  const toolType = serverToolType(block.name)
  const { outer, inner, memo } = recallInner(block, 'toolCall')
  const own = memo.body === 'toolCall'
  if (toolType === undefined || (!own && context.place === 'request')) return undefined
  const args = argumentsOf(block, path, context)
  const call = { ...wireId(block.id, memo), toolType, ...(!(memo.argless === true && isEmptyObject(args)) && { args }) }
  return withSeal(block, outer, { toolCall: { ...inner, ...spell(call, memo.snakeInner) } }, memo)
}

function withSeal({ sealed }: ToolCallBlock, outer: JsonObject, body: JsonObject, memo: JsonObject): JsonObject {
  return { ...outer, ...spell({ ...body, ...(sealed && { thoughtSignature: sealToBase64(sealed.value) }) }, memo.snake) }
}

/** The id on the wire: `wireId` in the memo is the one that stood there, or false for none. */
export function wireId(id: string, memo: JsonObject): { readonly id?: string } {
  if (memo.wireId === false) return {}
  return { id: typeof memo.wireId === 'string' ? memo.wireId : id }
}

function argumentsOf(block: ToolCallBlock, path: string, { native, losses }: PartContext): JsonObject {
  const own = native && recall(block).memo.wireId !== undefined ? jsonOf(block.argumentsText) : undefined
  return isJsonObject(own) ? own : argumentsObject(block, `${path}.args`, losses)
}

function isEmptyObject(value: JsonObject): boolean {
  return Object.keys(value).length === 0
}
