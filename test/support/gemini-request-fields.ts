import type { ProtoMessages } from './proto-json.ts'

/** `name kind, name kind` */
function fields(text: string): Readonly<Record<string, string>> {
  return Object.fromEntries(text.split(',').map((field) => field.trim().split(' ') as [string, string]))
}

/**
 * The fields of a GenerateContentRequest. Source: `@google/genai@3.1.0/dist/genai.d.ts`, and of it what the converters of that client let through to
 * this API (`…ToMldev` in `dist/node/index.mjs`): what they call supported by the Enterprise platform only is unknown here. The insides of the vendor's
 * own tools are not looked at.
 */
export const geminiRequest: ProtoMessages = {
  messages: {
    GenerateContentRequest: fields(
      'model string, contents Content[], systemInstruction Content, tools Tool[], toolConfig ToolConfig, safetySettings SafetySetting[], ' +
        'generationConfig GenerationConfig, cachedContent string, serviceTier ServiceTier, labels map:string, store bool, continuationToken bytes',
    ),
    Content: fields('role string, parts Part[]'),
    Part: fields(
      'text string, inlineData Blob, fileData FileData, functionCall FunctionCall, functionResponse FunctionResponse, executableCode ExecutableCode, ' +
        'codeExecutionResult CodeExecutionResult, toolCall struct, toolResponse struct, audioTranscription struct, thought bool, thoughtSignature bytes, ' +
        'videoMetadata struct, mediaResolution struct, partMetadata struct, mediaProcessing struct, speechMetadata struct',
    ),
    Blob: fields('mimeType string, data bytes, displayName string'),
    FileData: fields('mimeType string, fileUri string, displayName string'),
    FunctionCall: fields('id string, name string, args struct'),
    FunctionResponse: fields('id string, name string, response struct, parts FunctionResponsePart[], willContinue bool, scheduling Scheduling'),
    FunctionResponsePart: fields('inlineData Blob, fileData FileData, mediaProcessing struct'),
    ExecutableCode: fields('id string, language Language, code string'),
    CodeExecutionResult: fields('id string, outcome Outcome, output string'),
    Tool: fields(
      'functionDeclarations FunctionDeclaration[], googleSearch struct, googleSearchRetrieval struct, codeExecution struct, urlContext struct, ' +
        'fileSearch struct, computerUse struct, googleMaps struct, mcpServers struct[]',
    ),
    FunctionDeclaration: fields(
      'name string, description string, behavior Behavior, parameters Schema, parametersJsonSchema any, response Schema, responseJsonSchema any',
    ),
    Schema: fields(
      'type Type, format string, title string, description string, nullable bool, default any, example any, enum string[], pattern string, ' +
        'minLength int, maxLength int, minimum float, maximum float, items Schema, minItems int, maxItems int, properties map:Schema, ' +
        'propertyOrdering string[], required string[], minProperties int, maxProperties int, anyOf Schema[]',
    ),
    ToolConfig: fields('functionCallingConfig FunctionCallingConfig, retrievalConfig struct, includeServerSideToolInvocations bool'),
    FunctionCallingConfig: fields('mode Mode, allowedFunctionNames string[]'),
    SafetySetting: fields('category HarmCategory, threshold HarmBlockThreshold'),
    GenerationConfig: fields(
      'temperature float, topP float, topK float, candidateCount int, maxOutputTokens int, stopSequences string[], presencePenalty float, ' +
        'frequencyPenalty float, seed int, responseLogprobs bool, logprobs int, responseMimeType string, responseSchema Schema, responseJsonSchema any, ' +
        'responseModalities Modality[], mediaResolution MediaResolution, speechConfig struct, thinkingConfig ThinkingConfig, imageConfig struct, ' +
        'audioTranscriptionConfig struct, enableEnhancedCivicAnswers bool, responseFormat struct[], translationConfig struct',
    ),
    ThinkingConfig: fields('includeThoughts bool, thinkingBudget int, thinkingLevel ThinkingLevel'),
  },
  enums: {
    Type: ['TYPE_UNSPECIFIED', 'STRING', 'NUMBER', 'INTEGER', 'BOOLEAN', 'ARRAY', 'OBJECT', 'NULL'],
    Mode: ['MODE_UNSPECIFIED', 'AUTO', 'ANY', 'NONE', 'VALIDATED'],
    ThinkingLevel: ['THINKING_LEVEL_UNSPECIFIED', 'LOW', 'HIGH', 'MEDIUM', 'MINIMAL'],
    ServiceTier: ['UNSPECIFIED', 'STANDARD', 'FLEX', 'PRIORITY'],
    Behavior: ['UNSPECIFIED', 'BLOCKING', 'NON_BLOCKING'],
    Scheduling: ['SCHEDULING_UNSPECIFIED', 'SILENT', 'WHEN_IDLE', 'INTERRUPT'],
    Language: ['LANGUAGE_UNSPECIFIED', 'PYTHON'],
    Outcome: ['OUTCOME_UNSPECIFIED', 'OUTCOME_OK', 'OUTCOME_FAILED', 'OUTCOME_DEADLINE_EXCEEDED'],
    Modality: ['MODALITY_UNSPECIFIED', 'TEXT', 'IMAGE', 'AUDIO', 'VIDEO'],
    MediaResolution: 'UNSPECIFIED LOW MEDIUM HIGH'.split(' ').map((level) => `MEDIA_RESOLUTION_${level}`),
    HarmCategory: 'UNSPECIFIED HARASSMENT HATE_SPEECH SEXUALLY_EXPLICIT DANGEROUS_CONTENT CIVIC_INTEGRITY JAILBREAK'
      .split(' ')
      .map((category) => `HARM_CATEGORY_${category}`),
    HarmBlockThreshold: ['HARM_BLOCK_THRESHOLD_UNSPECIFIED', 'BLOCK_LOW_AND_ABOVE', 'BLOCK_MEDIUM_AND_ABOVE', 'BLOCK_ONLY_HIGH', 'BLOCK_NONE', 'OFF'],
  },
  oneofs: {
    Part: 'text inlineData fileData functionCall functionResponse executableCode codeExecutionResult toolCall toolResponse audioTranscription'.split(' '),
    FunctionResponsePart: ['inlineData', 'fileData'],
  },
}
