import { type Conversation, type IncomingCall, isEmpty, isJsonObject, type Json, type JsonObject, type Memo, requestReader as read } from 'tokligence'
import { CallIds } from '../part/call-ids.ts'
import { takeFields } from '../wire/fields.ts'
import { remember } from '../wire/wire-memo.ts'
import { decodeContents, decodeParts } from './decode-contents.ts'
import { decodeGenerationConfig } from './decode-generation-config.ts'
import { decodeToolConfig } from './decode-tool-config.ts'
import { decodeTools } from './decode-tools.ts'
import { bareModel, readModelPath } from './model-path.ts'

/**
 * A request body in the neutral form; model and stream come from the path. Settings are remembered as they stood, and written so as long as they
 * still say what is wanted. Throws GatewayError `TKL_REQUEST_INVALID` with the path of the field at fault.
 */
export function decodeRequest(body: JsonObject, call: IncomingCall): Conversation {
  const { model, action } = readModelPath(call)
  const stream = action === 'streamGenerateContent'
  if (call.operation !== 'count-tokens') return decodeGenerate(body, model, stream, {})
  const { fields, rest, snake } = takeFields(body, ['generateContentRequest'])
  if (fields.generateContentRequest === undefined) return decodeGenerate(body, model, stream, {})
  return decodeGenerate(read.object(fields.generateContentRequest, 'generateContentRequest'), model, stream, { counted: { rest, ...(snake && { snake }) } })
}

function decodeGenerate(body: JsonObject, model: string, stream: boolean, counted: Memo): Conversation {
  const { fields, rest, snake } = takeFields(body, ['model', 'contents', 'systemInstruction', 'tools', 'toolConfig', 'generationConfig', 'serviceTier'])
  const named = read.optionalString(fields.model, 'model')
  const system = decodeSystem(fields.systemInstruction)
  const { toolChoice, validated, rest: toolConfig } = decodeToolConfig(fields.toolConfig)
  const { settings, rest: generationConfig } = decodeGenerationConfig(fields.generationConfig)
  const serviceTier = read.optionalString(fields.serviceTier, 'serviceTier')
  return {
    model: model === '' && named !== undefined ? bareModel(named) : model,
    stream,
    instructions: system.instructions,
    instructionsForm: system.form,
    turns: decodeContents(fields.contents),
    tools: decodeTools(fields.tools),
    ...(toolChoice && { toolChoice }),
    ...settings,
    ...(serviceTier !== undefined && { serviceTier }),
    ...remember(
      { ...rest, ...(!isEmpty(toolConfig) && { toolConfig }), ...(!isEmpty(generationConfig) && { generationConfig }) },
      {
        native: true,
        snake,
        model: named,
        contents: isObjectOrAbsent(fields.contents),
        system: system.memo,
        tools: fields.tools,
        toolConfig: fields.toolConfig,
        validated: validated || undefined,
        generationConfig: fields.generationConfig,
        ...counted,
      },
    ),
  }
}

/** `single`: one content without a list; `absent`: none at all. */
function isObjectOrAbsent(contents: Json | undefined): string | undefined {
  if (contents === undefined) return 'absent'
  return Array.isArray(contents) ? undefined : 'single'
}

interface DecodedSystem {
  readonly instructions: Conversation['instructions']
  readonly form: Conversation['instructionsForm']
  /** The content that held the parts: its role and whatever else stood there. `text`: there was none. */
  readonly memo?: Json
}

/** A content of text parts; compatible hosts take a bare text as well. */
function decodeSystem(value: Json | undefined): DecodedSystem {
  if (value === undefined) return { instructions: [], form: 'none' }
  if (typeof value === 'string') return { instructions: [{ type: 'text', text: value }], form: 'text', memo: 'text' }
  if (!isJsonObject(value)) throw read.fault('systemInstruction', 'an object with parts, or a string')
  const { fields, rest } = takeFields(value, ['parts'])
  const { blocks, single } = decodeParts(fields.parts, 'systemInstruction.parts', new CallIds())
  return {
    instructions: blocks,
    form: fields.parts === undefined ? 'none' : 'blocks',
    memo: { ...(single && { single }), rest },
  }
}
