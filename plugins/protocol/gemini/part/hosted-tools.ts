/** The neutral word for the service behind `executableCode` and `codeExecutionResult`. */
export const codeExecution = 'code-execution'

/** Tools that the server runs and tells of in `toolCall` and `toolResponse`, by ToolType in @google/genai 3.1.0, where other protocols have them too. */
export const serverTools: ReadonlyMap<string, string> = new Map([
  ['GOOGLE_SEARCH_WEB', 'web-search'],
  ['URL_CONTEXT', 'web-fetch'],
])

export function serverToolType(name: string): string | undefined {
  for (const [toolType, service] of serverTools) if (service === name) return toolType
  return undefined
}
