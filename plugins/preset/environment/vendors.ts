import type { Plugin } from 'tokligence'
import { anthropic } from '../../provider/anthropic/index.ts'
import { gemini } from '../../provider/gemini/index.ts'
import { openai } from '../../provider/openai/index.ts'
import { blamed } from './blamed.ts'

export interface Vendor {
  readonly id: string
  /** The first that is set counts. */
  readonly keyVariables: readonly string[]
  /** Model names that go there when nothing else is said. */
  readonly patterns: readonly string[]
  /** Undefined when no key is set. */
  make(variables: NodeJS.ProcessEnv): Plugin | undefined
}

export const vendors: readonly Vendor[] = [
  vendor('openai', 'OPENAI', ['gpt*', 'o1*', 'o3*', 'o4*', 'chatgpt*'], openai),
  vendor('anthropic', 'ANTHROPIC', ['claude*'], anthropic),
  vendor('gemini', 'GEMINI', ['gemini*'], gemini, ['GOOGLE_API_KEY']),
]

type Factory = (options: { readonly apiKey: string; readonly baseUrl?: string }) => Plugin

function vendor(id: string, name: string, patterns: readonly string[], factory: Factory, otherKeys: readonly string[] = []): Vendor {
  const keyVariables = [`TOKLIGENCE_${name}_API_KEY`, `${name}_API_KEY`, ...otherKeys]
  const baseUrlVariable = `TOKLIGENCE_${name}_BASE_URL`
  return {
    id,
    keyVariables,
    patterns,
    make(variables) {
      const apiKey = keyVariables.map((variable) => variables[variable]).find(Boolean)
      const baseUrl = variables[baseUrlVariable]
      if (!apiKey) return undefined
      return baseUrl ? blamed(baseUrlVariable, () => factory({ apiKey, baseUrl })) : factory({ apiKey })
    },
  }
}
