import { definePlugin } from 'tokligence'
import { z } from 'zod'
import { countTokens } from './count-tokens.ts'
import { factsTable } from './facts-table.ts'
import { listing } from './list.ts'
import { ModelListCache } from './model-list-cache.ts'

const tokens = z.number().int().positive()

const modelFacts = z.strictObject({
  contextWindow: tokens.optional(),
  maxOutputTokens: tokens.optional(),
  minThinkingTokens: z.number().int().min(0).optional(),
  maxThinkingTokens: z.number().int().positive().optional(),
  thinking: z.enum(['none', 'budget', 'adaptive', 'effort']).optional(),
  efforts: z.array(z.string().min(1)).nonempty().optional(),
  fixedSampling: z.enum(['always', 'thinking']).optional(),
  chatToolsNeedNoReasoning: z.boolean().optional(),
  input: z.array(z.enum(['text', 'image', 'document', 'audio', 'video'])).optional(),
  structuredOutput: z.boolean().optional(),
  freeformTools: z.boolean().optional(),
})

export const models = definePlugin({
  kind: 'models',
  name: 'directory',
  apiVersion: 1,
  description: 'Which models there are, and what is known of them.',
  options: z.strictObject({
    /** Facts by model name pattern; each given fact is laid over the built-in one. */
    facts: z.record(z.string().min(1), modelFacts).default({}),
  }),
  setup(api, { facts }) {
    const cache = api.shared(
      'models/directory',
      () => new ModelListCache(),
      (shared) => shared.clear(),
    )
    return { list: () => listing(api.registry, cache, api.logger), facts: factsTable(facts), countTokens }
  },
})

export default models
