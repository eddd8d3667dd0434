import { type JsonObject, type LossSink, reportForeignFields, type ToolResultBlock } from 'tokligence'
import { type EncodeContext, encodeParts } from '../message/encode-part.ts'
import { protocolId } from '../wire/wire-memo.ts'
import { encodeToolResult } from './encode-tool-result.ts'

/**
 * Messages in the order that a vendor demands: the results of calls follow the assistant's message at once, so what stands between them waits until
 * all of them are written, and so do media out of results. One that was read from this protocol keeps its order.
 */
export class MessageWriter {
  readonly #context: EncodeContext
  readonly #messages: JsonObject[] = []
  readonly #waiting: JsonObject[] = []
  /** The id of each call without a result, and where it stood. */
  readonly #open = new Map<string, string>()

  constructor(context: EncodeContext) {
    this.#context = context
  }

  /** A message that is neither the assistant's nor a result. */
  add(message: JsonObject): void {
    if (this.#open.size === 0) this.#flush()
    if (this.#open.size > 0 && !this.#context.native) this.#waiting.push(message)
    else this.#messages.push(message)
  }

  addAssistant(message: JsonObject, path: string): void {
    this.#answerOpenCalls()
    this.#messages.push(message)
    if (this.#context.native) return
    for (const call of (message.tool_calls ?? []) as readonly JsonObject[]) this.#open.set(call.id as string, path)
  }

  addResult(block: ToolResultBlock, path: string): void {
    if (!this.#context.native && !this.#open.delete(block.callId)) {
      this.#addOrphan(block, path)
      return
    }
    const { message, media } = encodeToolResult(block, path, this.#context)
    this.#messages.push(message)
    if (media) this.#waiting.push(media)
  }

  finish(): readonly JsonObject[] {
    this.#answerOpenCalls()
    return this.#messages
  }

  /** "messages with role 'tool' must be a response to a preceding message with 'tool_calls'" is the vendor's answer to a result without its call. */
  #addOrphan(block: ToolResultBlock, path: string): void {
    const { losses } = this.#context
    losses.approximated(path, 'tool-result', 'semantic', 'The call that it answers is not in the turn before; it stands as text.')
    reportForeignFields(block, path, losses, protocolId)
    const content = block.content.map((inner, index) => [inner, `${path}.content[${index}]`] as const)
    this.add({ role: 'user', content: [{ type: 'text', text: `Result of the tool call ${block.callId}:` }, ...encodeParts(content, this.#context)] })
  }

  /** "The following tool_call_ids did not have response messages" is its answer to a call without a result. */
  #answerOpenCalls(): void {
    answerCalls(this.#open, this.#messages, this.#context.losses)
    this.#open.clear()
    this.#flush()
  }

  #flush(): void {
    this.#messages.push(...this.#waiting)
    this.#waiting.length = 0
  }
}

function answerCalls(open: ReadonlyMap<string, string>, messages: JsonObject[], losses: LossSink): void {
  for (const [id, path] of open) {
    losses.invented(path, 'tool-result', 'semantic', 'The call has no result; one was added that says so.')
    messages.push({ role: 'tool', tool_call_id: id, content: 'No result was given for this tool call.' })
  }
}
