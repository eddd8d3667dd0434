import type { ModelFacts } from 'tokligence'

const textAndImage = ['text', 'image'] as const
const documents = ['text', 'image', 'document'] as const
const everything = ['text', 'image', 'document', 'audio', 'video'] as const

const claude = { input: documents } as const
// The least budget, for every model that takes one: platform.claude.com/docs/en/api/messages, `thinking.budget_tokens`.
const budgeted = { ...claude, contextWindow: 200_000, thinking: 'budget', minThinkingTokens: 1_024 } as const
const adaptive = { ...claude, contextWindow: 1_000_000, maxOutputTokens: 128_000, thinking: 'adaptive', structuredOutput: true } as const
const claude45 = { ...budgeted, maxOutputTokens: 64_000, structuredOutput: true } as const

const everyEffort = ['none', 'low', 'medium', 'high', 'xhigh', 'max']
// Freeform tools came with this family (developers.openai.com/api/docs/guides/function-calling, "Custom tools").
const gpt = { freeformTools: true, contextWindow: 400_000, maxOutputTokens: 128_000, thinking: 'effort', input: textAndImage, structuredOutput: true } as const
const gptLong = { ...gpt, contextWindow: 1_050_000, input: documents } as const
// "Unsupported value: 'xhigh' is not supported with the 'gpt-5-mini-2025-08-07' model. Supported values are: 'minimal', 'low', 'medium', and
// 'high'." (github.com/microsoft/vscode/issues/300649). Temperatures other than 1 are refused: github.com/guardrails-ai/guardrails/issues/1353.
const gpt5 = { ...gpt, efforts: ['minimal', 'low', 'medium', 'high'], fixedSampling: 'always' } as const
// Efforts: models.dev, `reasoning_options`, as of 2026-09.
const codex = { ...gpt, efforts: ['low', 'medium', 'high'], fixedSampling: 'always' } as const
// Efforts: the vendor's own error in github.com/anomalyco/opencode/issues/4451. Sampling, which is free at the default effort of these, `none`:
// github.com/vercel/ai/issues/10932 and, for gpt-5.4, github.com/tmc/langchaingo/issues/1497.
const gpt51 = { ...gpt, efforts: ['none', 'low', 'medium', 'high'], fixedSampling: 'thinking' } as const
// Efforts: github.com/stdapi-ai/stdapi.ai/issues/8.
const gpt52 = { ...gpt, efforts: ['none', 'low', 'medium', 'high', 'xhigh'], fixedSampling: 'thinking' } as const
// Tools: github.com/openai/openai-openapi/issues/541 (gpt-5.4) and github.com/BerriAI/litellm/pull/34569 (gpt-5.6).
const gpt54Manner = { efforts: gpt52.efforts, fixedSampling: 'thinking', chatToolsNeedNoReasoning: true } as const
const gpt55 = { ...gptLong, ...gpt54Manner, fixedSampling: 'always' } as const
// Efforts: models.dev, as of 2026-09; no `stop`: openai 6.49.0, ChatCompletionCreateParamsBase.stop.
const oSeries = {
  contextWindow: 200_000,
  maxOutputTokens: 100_000,
  thinking: 'effort',
  structuredOutput: true,
  efforts: codex.efforts,
  fixedSampling: 'always',
} as const
const gpt41 = { thinking: 'none', contextWindow: 1_047_576, maxOutputTokens: 32_768, input: documents, structuredOutput: true } as const
const gpt4o = { thinking: 'none', contextWindow: 128_000, maxOutputTokens: 16_384, input: textAndImage } as const

const geminiLevels = ['minimal', 'low', 'medium', 'high']
const gemini = { contextWindow: 1_048_576, maxOutputTokens: 65_536, input: everything, structuredOutput: true } as const

/**
 * What the vendors publish of their model families, by model name pattern. A family that is not told for certain is left out: an unknown fact is
 * better than a wrong one. `models({ facts })` adds and overrides.
 */
export const builtInFacts: Readonly<Record<string, ModelFacts>> = {
  // platform.claude.com/docs/en/models (overview, and opus-4-5, opus-4-6, opus-4-8, opus-5, sonnet-4-5, sonnet-4-6 overviews), as of 2026-11.
  // Which of them think adaptively only: docs.aws.amazon.com/bedrock, "Adaptive thinking", as of 2026-11.
  'claude-*': claude,
  'claude-fable-5*': adaptive,
  'claude-mythos-*': { thinking: 'adaptive', input: documents },
  'claude-opus-5*': adaptive,
  'claude-sonnet-5*': adaptive,
  'claude-haiku-5*': adaptive,
  'claude-opus-4-8*': adaptive,
  'claude-opus-4-7*': adaptive,
  'claude-opus-4-6*': adaptive,
  'claude-sonnet-4-6*': adaptive,
  'claude-opus-4-5*': claude45,
  'claude-sonnet-4-5*': claude45,
  'claude-haiku-4-5*': claude45,
  // Limits and modes of older models: github.com/anomalyco/models.dev, models of anthropic, as of 2026-09.
  'claude-opus-4-1*': { ...budgeted, maxOutputTokens: 32_000 },
  'claude-opus-4-0*': { ...budgeted, maxOutputTokens: 32_000 },
  'claude-opus-4-2025*': { ...budgeted, maxOutputTokens: 32_000 },
  'claude-sonnet-4-0*': { ...budgeted, maxOutputTokens: 64_000 },
  'claude-sonnet-4-2025*': { ...budgeted, maxOutputTokens: 64_000 },
  'claude-3-7-sonnet*': { ...budgeted, maxOutputTokens: 64_000 },
  'claude-3-5-*': { input: documents, contextWindow: 200_000, maxOutputTokens: 8_192, thinking: 'none' },
  'claude-3-haiku*': { input: documents, contextWindow: 200_000, maxOutputTokens: 4_096, thinking: 'none' },

  // github.com/anomalyco/models.dev, models of openai (taken from developers.openai.com/api/docs/models), as of 2026-09.
  // The model always thinks; it takes no function tools in Chat Completions at all.
  'gpt-6-*': { ...gptLong, efforts: everyEffort.slice(1), fixedSampling: 'always' },
  'gpt-5.6*': { ...gpt55, efforts: everyEffort },
  'gpt-5.5*': gpt55,
  'gpt-5.4*': { ...gptLong, ...gpt54Manner },
  // Not served over Chat Completions, and with efforts of their own.
  'gpt-5.5-pro*': gptLong,
  'gpt-5.4-pro*': gptLong,
  'gpt-5.2-pro*': gpt,
  // Their context window is not told there.
  'gpt-5.4-mini*': { ...gpt54Manner, freeformTools: true, maxOutputTokens: 128_000, thinking: 'effort', structuredOutput: true },
  'gpt-5.4-nano*': { ...gpt54Manner, freeformTools: true, maxOutputTokens: 128_000, thinking: 'effort', structuredOutput: true },
  'gpt-5.3-codex*': { ...gpt, fixedSampling: 'always' },
  'gpt-5.2-codex*': { ...gpt, fixedSampling: 'always' },
  'gpt-5.2*': gpt52,
  'gpt-5.1-codex*': codex,
  'gpt-5.1-codex-max*': { ...gpt, fixedSampling: 'always' },
  'gpt-5.1*': gpt51,
  'gpt-5': gpt5,
  'gpt-5-2025*': gpt5,
  'gpt-5-mini*': gpt5,
  'gpt-5-nano*': gpt5,
  'gpt-5-codex*': codex,
  // The chat models take no effort, and have limits of their own that the source does not tell.
  'gpt-5*-chat-latest': { structuredOutput: true },
  'gpt-4.1*': gpt41,
  'gpt-4o': gpt4o,
  'gpt-4o-2024*': gpt4o,
  'gpt-4o-mini': gpt4o,
  'gpt-4o-mini-2024*': gpt4o,
  'o4-mini*': oSeries,
  o3: { ...oSeries, input: documents },
  'o3-2025*': { ...oSeries, input: documents },
  'o3-mini*': oSeries,

  // ai.google.dev/gemini-api/docs/models (gemini-2.5-flash-lite as of 2025-07, gemini-3.8-flash as of 2026-09-03); budgets and levels:
  // ai.google.dev/gemini-api/docs/thinking, and cloud.google.com, "Thinking", as of 2026-10.
  'gemini-2.5-pro': { ...gemini, thinking: 'budget', minThinkingTokens: 128, maxThinkingTokens: 32_768 },
  'gemini-2.5-flash': { ...gemini, thinking: 'budget', minThinkingTokens: 0, maxThinkingTokens: 24_576 },
  'gemini-2.5-flash-lite': { ...gemini, thinking: 'budget', minThinkingTokens: 0, maxThinkingTokens: 24_576 },
  'gemini-3*-pro-preview': { ...gemini, thinking: 'effort', efforts: ['low', 'high'] },
  // docs.litellm.ai/blog/gemini_3_1_pro, and docs.rs/adk-model 1.0.0, ThinkingLevel: medium came with 3.1, and minimal not.
  'gemini-3.1-pro*': { ...gemini, thinking: 'effort', efforts: ['low', 'medium', 'high'] },
  'gemini-3*-flash': { ...gemini, thinking: 'effort', efforts: geminiLevels },
  'gemini-3*-flash-preview': { ...gemini, thinking: 'effort', efforts: geminiLevels },
  'gemini-3*-flash-lite*': { ...gemini, thinking: 'effort', efforts: geminiLevels },
  // What is called otherwise (`gemini-3-pro`, dated names) has the generation's ways; these levels all of its models know. The names without a
  // generation stand for its newest models.
  'gemini-3*': { ...gemini, thinking: 'effort', efforts: ['low', 'high'] },
  'gemini-pro-latest': { ...gemini, thinking: 'effort', efforts: ['low', 'high'] },
  'gemini-flash-latest': { ...gemini, thinking: 'effort', efforts: geminiLevels },
  'gemini-flash-lite-latest': { ...gemini, thinking: 'effort', efforts: geminiLevels },
}
