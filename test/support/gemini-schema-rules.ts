import { type Fields, isObject, list, objects } from './json-fields.ts'

/** Source: ai.google.dev, "Schema": the formats of each type. */
const formats: Readonly<Record<string, readonly string[]>> = {
  STRING: ['enum', 'date-time'],
  NUMBER: ['float', 'double'],
  INTEGER: ['int32', 'int64'],
}

/**
 * Why the vendor would refuse a schema whose fields it knows, in its words (google-gemini/gemini-cli issues 3178 and 2966, cline/cline issue 7339,
 * musistudio/llms pull 20); undefined when it would not.
 */
export function refuseSchema(schema: unknown, at: string): string | undefined {
  if (!isObject(schema)) return undefined
  const { type, format, items, properties, required, enum: words, anyOf } = schema
  const named = isObject(properties) ? properties : {}
  if (type === 'ARRAY' && items === undefined) return `* GenerateContentRequest.${at}.items: missing field.`
  if (words !== undefined && type !== 'STRING') return `* GenerateContentRequest.${at}.enum: only allowed for STRING type`
  if (properties !== undefined && type !== 'OBJECT') return `* GenerateContentRequest.${at}.properties: only allowed for OBJECT type`
  if (items !== undefined && type !== 'ARRAY') return `* GenerateContentRequest.${at}.items: only allowed for ARRAY type`
  const allowed = formats[String(type)] ?? []
  if (typeof format === 'string' && format !== '' && !allowed.includes(format))
    return `* GenerateContentRequest.${at}.format: only ${allowed.map((each) => `'${each}'`).join(' and ')} are supported for ${String(type)} type`
  const absent = list(required).findIndex((name) => !Object.hasOwn(named, String(name)))
  if (absent !== -1) return `* GenerateContentRequest.${at}.required[${absent}]: property is not defined`
  const inside: readonly (readonly [string, unknown])[] = [
    ...Object.entries(named).map(([name, inner]) => [`${at}.properties[${name}]`, inner] as const),
    ...objects(anyOf).map((inner, index) => [`${at}.any_of[${index}]`, inner] as const),
    [`${at}.items`, items],
  ]
  for (const [place, inner] of inside) {
    const refusal = refuseSchema(inner, place)
    if (refusal !== undefined) return refusal
  }
  return undefined
}

/** Why the vendor would refuse the tools and the choice among them. */
export function refuseGeminiTools({ tools, toolConfig }: Fields): string | undefined {
  const names = new Set<unknown>()
  for (const [index, tool] of objects(tools).entries())
    for (const [number, declaration] of objects(tool.functionDeclarations).entries()) {
      const refusal = refuseDeclaration(declaration, `tools[${index}].function_declarations[${number}]`)
      if (refusal !== undefined) return refusal
      if (names.has(declaration.name)) return `Duplicate function declaration found: ${String(declaration.name)}`
      names.add(declaration.name)
    }
  return refuseCalling(isObject(toolConfig) ? toolConfig.functionCallingConfig : undefined, names)
}

/** Source: kaitranntt/ccs issue 219 for the names; FunctionDeclaration in `@google/genai@3.1.0/dist/genai.d.ts` for what excludes what. */
function refuseDeclaration({ name, parameters, parametersJsonSchema: json, response, responseJsonSchema }: Fields, at: string): string | undefined {
  if (typeof name !== 'string' || !/^[a-zA-Z_][a-zA-Z0-9_.:-]{0,63}$/.test(name))
    return `* GenerateContentRequest.${at}.name: Invalid function name. Must start with a letter or an underscore. Must be alphanumeric (a-z, A-Z, 0-9), underscores (_), dots (.), colons (:), or dashes (-), with a maximum length of 64.`
  if (parameters !== undefined && json !== undefined) return `* GenerateContentRequest.${at}: only one of parameters and parameters_json_schema may be set.`
  if (response !== undefined && responseJsonSchema !== undefined)
    return `* GenerateContentRequest.${at}: only one of response and response_json_schema may be set.`
  if (json !== undefined && !isObject(json)) return `* GenerateContentRequest.${at}.parameters_json_schema: must be a JSON Schema object.`
  if (isObject(json) && json.type !== undefined && String(json.type).toLowerCase() !== 'object')
    return `* GenerateContentRequest.${at}.parameters_json_schema: functionDeclaration parameters schema should be of type OBJECT.`
  if (isObject(parameters) && parameters.type !== 'OBJECT')
    return `* GenerateContentRequest.${at}.parameters: functionDeclaration parameters schema should be of type OBJECT.`
  return refuseSchema(parameters, `${at}.parameters`) ?? refuseSchema(response, `${at}.response`)
}

/** Source: the same file, FunctionCallingConfig: the names count with ANY and VALIDATED only, and are names of declared functions. */
function refuseCalling(config: unknown, names: ReadonlySet<unknown>): string | undefined {
  if (!isObject(config)) return undefined
  const { mode, allowedFunctionNames } = config
  const allowed = list(allowedFunctionNames)
  if (allowed.length > 0 && mode !== 'ANY' && mode !== 'VALIDATED')
    return 'allowed_function_names should only be set when function calling mode is ANY or VALIDATED.'
  if (mode === 'ANY' && names.size === 0) return 'Function calling config is set without function_declarations.'
  const absent = allowed.find((name) => !names.has(name))
  return absent === undefined ? undefined : `allowed_function_names contains a name that is not declared: ${String(absent)}`
}
