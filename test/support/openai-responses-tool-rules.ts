import { type Fields, isObject, list, objects } from './json-fields.ts'
import { lacksItems, refuseStrictSchema } from './json-schema-rules.ts'

const namePattern = /^[a-zA-Z0-9_-]{1,64}$/
/** Source: `openai@6.49.0/resources/responses/responses.d.ts`, Tool. `tool_search` and `namespace` are sent by the vendor's own agent. */
const toolTypes = new Set(
  (
    'function custom namespace tool_search file_search computer computer_use computer_use_preview web_search web_search_2025_08_26 web_search_preview ' +
    'web_search_preview_2025_03_11 mcp code_interpreter image_generation local_shell shell apply_patch programmatic_tool_calling'
  ).split(' '),
)
/** Source: the same file, ToolChoiceTypes, ToolChoiceApplyPatch, ToolChoiceShell. */
const hostedChoices = new Set(
  (
    'file_search web_search web_search_2025_08_26 web_search_preview computer computer_use computer_use_preview web_search_preview_2025_03_11 image_generation ' +
    'code_interpreter mcp apply_patch shell programmatic_tool_calling'
  ).split(' '),
)
const functionFields = new Set('type name description parameters strict defer_loading allowed_callers output_schema'.split(' '))
const customFields = new Set('type name description format defer_loading allowed_callers'.split(' '))

/** Why the vendor would answer 400 to the tools and the choice among them. */
export function refuseResponsesTools(body: Fields): string | undefined {
  const { tools, tool_choice: choice } = body
  if (tools !== undefined && tools !== null && !Array.isArray(tools)) return "Invalid type for 'tools': expected an array of objects."
  // Tools may come in the input as well: the same file, ResponseInputItem.AdditionalTools.
  const inInput = objects(body.input).filter((item) => item.type === 'additional_tools')
  for (const [at, group] of [['tools', tools] as const, ...inInput.map((item, index) => [`input[${index}].tools`, item.tools] as const)])
    for (const [index, tool] of list(group).entries()) {
      const refusal = refuseTool(tool, `${at}[${index}]`)
      if (refusal !== undefined) return refusal
    }
  return refuseChoice(choice, [...objects(tools), ...inInput.flatMap((item) => objects(item.tools))])
}

function refuseTool(tool: unknown, at: string): string | undefined {
  if (!isObject(tool)) return `Invalid type for '${at}': expected an object.`
  if (typeof tool.type !== 'string') return `Missing required parameter: '${at}.type'.`
  if (!toolTypes.has(tool.type)) return `Invalid value: '${tool.type}'. Supported values are: 'function', 'custom', … ('${at}.type')`
  switch (tool.type) {
    case 'function':
      return refuseFunction(tool, at)
    case 'custom':
      return refuseCustom(tool, at)
    case 'namespace': {
      const named = refuseName(tool, at)
      if (named !== undefined) return named
      if (list(tool.tools).length === 0) return `Missing required parameter: '${at}.tools'.`
      return list(tool.tools)
        .map((inner, index) => refuseTool(inner, `${at}.tools[${index}]`))
        .find((refusal) => refusal !== undefined)
    }
    case 'mcp':
      return typeof tool.server_label === 'string' ? undefined : `Missing required parameter: '${at}.server_label'.`
    default:
      return undefined
  }
}

function refuseName({ name }: Fields, at: string): string | undefined {
  // The form of Chat Completions, with everything in `function`, ends here too.
  if (typeof name !== 'string') return `Missing required parameter: '${at}.name'.`
  return namePattern.test(name)
    ? undefined
    : `Invalid '${at}.name': string does not match pattern. Expected a string that matches the pattern '^[a-zA-Z0-9_-]+$'.`
}

function refuseFunction(tool: Fields, at: string): string | undefined {
  const named = refuseName(tool, at)
  if (named !== undefined) return named
  const unknown = Object.keys(tool).find((name) => !functionFields.has(name))
  if (unknown !== undefined) return `Unknown parameter: '${at}.${unknown}'.`
  const { name, parameters, strict } = tool
  if (strict !== undefined && strict !== null && typeof strict !== 'boolean') return `Invalid type for '${at}.strict': expected a boolean.`
  // Without `strict` the vendor makes the schema strict where it can (recorded: answered with strict: true) and refuses none.
  if (parameters === undefined || parameters === null) return undefined
  if (strict === true) return refuseStrictSchema(parameters, `function '${String(name)}'`)
  if (!isObject(parameters) || parameters.type !== 'object')
    return `Invalid schema for function '${String(name)}': schema must be a JSON Schema of 'type: "object"', got 'type: ${JSON.stringify(isObject(parameters) ? (parameters.type ?? 'None') : 'None')}'.`
  const onTop = ['oneOf', 'anyOf', 'allOf', 'enum', 'not'].find((word) => word in parameters)
  if (onTop !== undefined)
    return `Invalid schema for function '${String(name)}': schema must have type 'object' and not have 'oneOf'/'anyOf'/'allOf'/'enum'/'not' at the top level.`
  return lacksItems(parameters) ? `Invalid schema for function '${String(name)}': array schema missing items.` : undefined
}

/** Source: `openai@6.49.0/resources/shared.d.ts`, CustomToolInputFormat. */
function refuseCustom(tool: Fields, at: string): string | undefined {
  const named = refuseName(tool, at)
  if (named !== undefined) return named
  const unknown = Object.keys(tool).find((name) => !customFields.has(name))
  if (unknown !== undefined) return `Unknown parameter: '${at}.${unknown}'.`
  const { format } = tool
  if (format === undefined || (isObject(format) && format.type === 'text')) return undefined
  if (!isObject(format) || format.type !== 'grammar') return `Invalid value for '${at}.format.type'. Supported values are: 'text' and 'grammar'.`
  if (format.syntax !== 'lark' && format.syntax !== 'regex') return `Invalid value for '${at}.format.syntax'. Supported values are: 'lark' and 'regex'.`
  return typeof format.definition === 'string' ? undefined : `Missing required parameter: '${at}.format.definition'.`
}

function refuseChoice(choice: unknown, tools: readonly Fields[]): string | undefined {
  if (choice === undefined || choice === null || choice === 'auto' || choice === 'none') return undefined
  if (choice === 'required') return tools.length > 0 ? undefined : "Tool choice 'required' must be specified with 'tools' parameter."
  if (!isObject(choice)) return `Invalid value: '${String(choice)}'. Supported values are: 'none', 'auto', and 'required'. (tool_choice)`
  if (choice.type === 'allowed_tools') {
    if (choice.mode !== 'auto' && choice.mode !== 'required') return "Invalid value for 'tool_choice.mode'. Supported values are: 'auto' and 'required'."
    if (list(choice.tools).length === 0) return "Missing required parameter: 'tool_choice.tools'."
    const absent = objects(choice.tools).find((named) => !isAmong(named, tools))
    return absent && `Tool choice '${String(absent.name ?? absent.type)}' not found in 'tools' parameter.`
  }
  if (choice.type === 'function' || choice.type === 'custom') {
    if (typeof choice.name !== 'string') return "Missing required parameter: 'tool_choice.name'."
    return isAmong(choice, tools) ? undefined : `Tool choice '${choice.name}' not found in 'tools' parameter.`
  }
  if (!hostedChoices.has(String(choice.type))) return `Invalid value: '${String(choice.type)}' for 'tool_choice.type'.`
  return tools.some((tool) => tool.type === choice.type) ? undefined : `Tool choice '${String(choice.type)}' not found in 'tools' parameter.`
}

function isAmong(named: Fields, tools: readonly Fields[]): boolean {
  const flat = tools.flatMap((tool) => (tool.type === 'namespace' ? [tool, ...objects(tool.tools)] : [tool]))
  return flat.some((tool) => tool.type === named.type && (named.name === undefined || tool.name === named.name))
}

/** Why the vendor would answer 400 to `text`. Source: the same file, ResponseTextConfig and ResponseFormatTextJSONSchemaConfig. */
export function refuseTextFormat({ text, input, instructions }: Fields): string | undefined {
  if (text === undefined || text === null) return undefined
  if (!isObject(text)) return "Invalid type for 'text': expected an object."
  const unknown = Object.keys(text).find((name) => name !== 'format' && name !== 'verbosity')
  if (unknown !== undefined) return `Unknown parameter: 'text.${unknown}'.`
  if (text.verbosity !== undefined && text.verbosity !== null && !['low', 'medium', 'high'].includes(String(text.verbosity)))
    return `Invalid value: '${String(text.verbosity)}'. Supported values are: 'low', 'medium', and 'high'. (text.verbosity)`
  const { format } = text
  if (format === undefined || format === null) return undefined
  if (!isObject(format) || !['text', 'json_object', 'json_schema'].includes(String(format.type)))
    return "Invalid value for 'text.format.type'. Supported values are: 'json_object', 'json_schema', and 'text'."
  if (format.type === 'json_object')
    return /json/i.test(JSON.stringify([input, instructions]))
      ? undefined
      : "Response input messages must contain the word 'json' in some form to use 'text.format' of type 'json_object'."
  if (format.type === 'text') return undefined
  // The form of Chat Completions, with everything in `json_schema`, ends here too.
  if (typeof format.name !== 'string') return "Missing required parameter: 'text.format.name'."
  if (!namePattern.test(format.name))
    return "Invalid 'text.format.name': string does not match pattern. Expected a string that matches the pattern '^[a-zA-Z0-9_-]+$'."
  if (!isObject(format.schema)) return "Missing required parameter: 'text.format.schema'."
  const extra = Object.keys(format).find((name) => !['type', 'name', 'description', 'schema', 'strict'].includes(name))
  if (extra !== undefined) return `Unknown parameter: 'text.format.${extra}'.`
  return format.strict === true ? refuseStrictSchema(format.schema, `response_format '${format.name}'`) : undefined
}
