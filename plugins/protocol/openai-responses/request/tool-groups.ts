import type { JsonObject } from 'tokligence'

/** A list of tools in which those of one group stand together (openai 6.49.0, NamespaceTool). */
export class ToolGroups {
  readonly list: JsonObject[] = []
  readonly #members = new Map<string, JsonObject[]>()

  /** `key` tells one group from another, `head` is what stands beside its tools; both for the first tool of a group. */
  add(tool: JsonObject, group?: { readonly key: string; readonly head: JsonObject }): void {
    if (!group) {
      this.list.push(tool)
      return
    }
    const known = this.#members.get(group.key)
    if (known) {
      known.push(tool)
      return
    }
    const tools = [tool]
    this.#members.set(group.key, tools)
    this.list.push({ ...group.head, tools })
  }
}
