import { type Fields, isObject, list } from './json-fields.ts'

/**
 * What an item must have, and what else it may. Source: `openai@6.49.0/resources/responses/responses.d.ts`, ResponseInputItem and what it names; where
 * nothing else is listed the fields are the vendor's own tools' and are not looked at.
 */
const itemFields: Readonly<Record<string, { readonly needs: readonly string[]; readonly may?: readonly string[] }>> = {
  message: { needs: ['role', 'content'], may: ['type', 'id', 'status', 'phase'] },
  function_call: { needs: ['call_id', 'name', 'arguments'], may: ['type', 'id', 'status', 'namespace', 'caller'] },
  function_call_output: { needs: ['call_id', 'output'], may: ['type', 'id', 'status', 'caller'] },
  custom_tool_call: { needs: ['call_id', 'name', 'input'], may: ['type', 'id', 'status', 'namespace', 'caller'] },
  custom_tool_call_output: { needs: ['call_id', 'output'], may: ['type', 'id', 'status', 'caller'] },
  reasoning: { needs: ['summary'], may: ['type', 'id', 'content', 'encrypted_content', 'status'] },
  item_reference: { needs: ['id'], may: ['type'] },
  compaction: { needs: ['encrypted_content'], may: ['type', 'id'] },
  compaction_trigger: { needs: [], may: ['type'] },
  additional_tools: { needs: ['role', 'tools'], may: ['type', 'id'] },
  tool_search_call: { needs: ['arguments'] },
  tool_search_output: { needs: ['tools'] },
  web_search_call: { needs: ['id', 'status'] },
  ...Object.fromEntries(
    (
      'file_search_call computer_call computer_call_output image_generation_call code_interpreter_call local_shell_call local_shell_call_output shell_call ' +
      'shell_call_output apply_patch_call apply_patch_call_output mcp_list_tools mcp_approval_request mcp_approval_response mcp_call program program_output'
    )
      .split(' ')
      .map((type) => [type, { needs: [] }]),
  ),
}
/** Ids of the vendor's own begin so, and it refuses others: "Expected an ID that begins with 'fc'." */
const idPrefixes: Readonly<Record<string, string>> = {
  message: 'msg',
  function_call: 'fc',
  custom_tool_call: 'ctc',
  reasoning: 'rs',
  web_search_call: 'ws',
}
/** Which parts a role may have: the same file, ResponseInputContent, ResponseOutputMessage.content. */
const inputParts = ['input_text', 'input_image', 'input_file', 'input_audio']
const partTypes: Readonly<Record<string, readonly string[]>> = {
  user: inputParts,
  system: inputParts,
  developer: inputParts,
  assistant: ['output_text', 'refusal'],
}
const outputsOf: Readonly<Record<string, string>> = {
  function_call: 'function_call_output',
  custom_tool_call: 'custom_tool_call_output',
}
const toolWords: Readonly<Record<string, string>> = { function_call: 'function call', custom_tool_call: 'custom tool call' }

/** Why the vendor would answer 400 to the items of an input. */
export function refuseInput(input: unknown, isStateless: boolean): string | undefined {
  const ids = new Set<unknown>()
  for (const [index, item] of list(input).entries()) {
    const refusal = refuseItem(item, `input[${index}]`, isStateless)
    if (refusal !== undefined) return refusal
    const id = isObject(item) ? item.id : undefined
    if (id === undefined || id === null) continue
    if (ids.has(id)) return `Duplicate item found with id ${String(id)}. Remove duplicate items from your input and try again.`
    ids.add(id)
  }
  return undefined
}

function refuseItem(item: unknown, at: string, isStateless: boolean): string | undefined {
  if (!isObject(item)) return `Invalid type for '${at}': expected an object.`
  const type = item.type ?? (item.role === undefined ? undefined : 'message')
  const fields = typeof type === 'string' ? itemFields[type] : undefined
  if (typeof type !== 'string' || !fields) return `Invalid value: '${String(type)}'. Supported values are: 'message', 'function_call', 'reasoning', … (${at})`
  const missing = fields.needs.find((name) => item[name] === undefined || item[name] === null)
  if (missing !== undefined) return `Missing required parameter: '${at}.${missing}'.`
  const unknown = fields.may && Object.keys(item).find((name) => !fields.needs.includes(name) && !fields.may?.includes(name))
  if (unknown !== undefined) return `Unknown parameter: '${at}.${unknown}'.`
  return refuseIds(item, type, at) ?? refuseItemOf(type, item, at, isStateless)
}

function refuseIds({ id, call_id: callId }: Fields, type: string, at: string): string | undefined {
  for (const [name, value] of [['id', id] as const, ['call_id', callId] as const]) {
    if (value === undefined || value === null) continue
    if (typeof value !== 'string') return `Invalid type for '${at}.${name}': expected a string.`
    if (value.length > 64)
      return `Invalid '${at}.${name}': string too long. Expected a string with maximum length 64, but got a string with length ${value.length} instead.`
    if (value === '') return `Invalid '${at}.${name}': empty string. Expected a string with minimum length 1.`
  }
  if (typeof id !== 'string') return undefined
  if (!/^[a-zA-Z0-9_-]+$/.test(id))
    return `Invalid '${at}.id': '${id}'. Expected an ID that contains letters, numbers, underscores, or dashes, but this value contained additional characters.`
  const prefix = idPrefixes[type]
  return prefix === undefined || id.startsWith(prefix) ? undefined : `Invalid '${at}.id': '${id}'. Expected an ID that begins with '${prefix}'.`
}

function refuseItemOf(type: string, item: Fields, at: string, isStateless: boolean): string | undefined {
  switch (type) {
    case 'message':
      return refuseContent(item, at)
    case 'function_call':
    case 'custom_tool_call': {
      const field = type === 'function_call' ? 'arguments' : 'input'
      if (typeof item.name !== 'string' || !/^[a-zA-Z0-9_-]{1,64}$/.test(item.name))
        return `Invalid '${at}.name': string does not match pattern. Expected a string that matches the pattern '^[a-zA-Z0-9_-]+$'.`
      return typeof item[field] === 'string' ? undefined : `Invalid type for '${at}.${field}': expected a string.`
    }
    case 'function_call_output':
    case 'custom_tool_call_output':
      if (typeof item.output === 'string') return undefined
      if (!Array.isArray(item.output)) return `Invalid type for '${at}.output': expected one of an array of objects or string.`
      return refuseParts(item.output, `${at}.output`, ['input_text', 'input_image', 'input_file'])
    case 'reasoning':
      return refuseReasoningItem(item, at, isStateless)
    case 'item_reference':
      return isStateless ? notPersisted(item.id) : undefined
    default:
      return undefined
  }
}

function refuseReasoningItem({ id, summary, content, encrypted_content: encrypted }: Fields, at: string, isStateless: boolean): string | undefined {
  if (!Array.isArray(summary)) return `Invalid type for '${at}.summary': expected an array of objects.`
  const badSummary = refuseParts(summary, `${at}.summary`, ['summary_text'])
  if (badSummary !== undefined) return badSummary
  if (Array.isArray(content)) {
    const badContent = refuseParts(content, `${at}.content`, ['reasoning_text'])
    if (badContent !== undefined) return badContent
  }
  if (typeof encrypted === 'string' && encrypted !== '') return undefined
  if (typeof id !== 'string') return `Missing required parameter: '${at}.id'.`
  return isStateless ? notPersisted(id) : undefined
}

function notPersisted(id: unknown): string {
  return `Item with id '${String(id)}' not found. Items are not persisted when \`store\` is set to false. Try again with \`store\` set to true, or remove this item from your input.`
}

function refuseContent({ role, content }: Fields, at: string): string | undefined {
  const types = typeof role === 'string' ? partTypes[role] : undefined
  if (!types) return `Invalid value: '${String(role)}'. Supported values are: 'assistant', 'system', 'developer', and 'user'. (${at}.role)`
  if (typeof content === 'string') return undefined
  if (!Array.isArray(content)) return `Invalid type for '${at}.content': expected one of an array of objects or string.`
  return refuseParts(content, `${at}.content`, types)
}

function refuseParts(parts: readonly unknown[], at: string, types: readonly string[]): string | undefined {
  for (const [index, part] of parts.entries()) {
    const where = `${at}[${index}]`
    if (!isObject(part)) return `Invalid type for '${where}': expected an object.`
    if (typeof part.type !== 'string' || !types.includes(part.type))
      return `Invalid value: '${String(part.type)}'. Supported values are: ${types.map((type) => `'${type}'`).join(', ')}. (${where}.type)`
    const refusal = refusePart(part, part.type, where)
    if (refusal !== undefined) return refusal
  }
  return undefined
}

function refusePart(part: Fields, type: string, at: string): string | undefined {
  switch (type) {
    case 'refusal':
      return typeof part.refusal === 'string' ? undefined : `Missing required parameter: '${at}.refusal'.`
    case 'input_image': {
      const { image_url: url, file_id: file, detail } = part
      if (detail !== undefined && detail !== null && !['low', 'high', 'auto', 'original'].includes(String(detail)))
        return `Invalid value: '${String(detail)}' for '${at}.detail'.`
      if (isObject(url)) return `Invalid type for '${at}.image_url': expected an image URL, but got an object instead.`
      if (typeof url === 'string') {
        const isImage = /^https?:\/\//.test(url) || /^data:image\/[\w.+-]+;base64,[A-Za-z0-9+/]+={0,2}$/.test(url)
        return isImage ? undefined : `Invalid '${at}.image_url'. Expected a valid URL or a base64-encoded data URL with an image MIME type.`
      }
      return typeof file === 'string' ? undefined : `Missing required parameter: '${at}.image_url'.`
    }
    case 'input_file': {
      const { file_data: data, file_id: file, file_url: url, filename } = part
      if ([data, file, url].filter((each) => each !== undefined && each !== null).length !== 1)
        return `Invalid '${at}': exactly one of 'file_data', 'file_id' or 'file_url' must be given.`
      if (data === undefined || data === null) return undefined
      if (typeof data !== 'string' || !/^data:[\w.+-]+\/[\w.+-]+;base64,/.test(data))
        return `Invalid '${at}.file_data'. Expected a base64-encoded data URL with a MIME type.`
      return typeof filename === 'string' ? undefined : `Missing required parameter: '${at}.filename'.`
    }
    case 'input_audio':
      return isObject(part.input_audio) ? undefined : `Missing required parameter: '${at}.input_audio'.`
    default:
      return typeof part.text === 'string' ? undefined : `Missing required parameter: '${at}.text'.`
  }
}

/** Every call is answered once, anywhere behind it, and every answer has its call; what a model thought is followed by what it came to. */
export function refuseInputPairing(items: readonly Fields[]): string | undefined {
  for (const [index, { type, id }] of items.entries()) {
    const next = items[index + 1]
    const isFollowed = next !== undefined && (next.role === undefined || next.role === 'assistant') && !String(next.type).endsWith('_output')
    if (type === 'reasoning' && typeof id === 'string' && !isFollowed)
      return `Item '${id}' of type 'reasoning' was provided without its required following item.`
  }
  for (const [call, output] of Object.entries(outputsOf)) {
    const open = new Map<unknown, boolean>()
    for (const { type, call_id: id } of items) {
      if (type === call) {
        if (open.has(id)) return `Duplicate ${toolWords[call]} found with call_id ${String(id)}.`
        open.set(id, false)
      }
      if (type !== output) continue
      const answered = open.get(id)
      if (answered === undefined) return `No tool call found for ${toolWords[call]} output with call_id ${String(id)}.`
      if (answered) return `Duplicate output found for ${toolWords[call]} ${String(id)}.`
      open.set(id, true)
    }
    for (const [id, answered] of open) if (!answered) return `No tool output found for ${toolWords[call]} ${String(id)}.`
  }
  return undefined
}
