import { type Fields, isObject, objects } from './json-fields.ts'
import { canBeMarked, promptBlocks } from './prompt-blocks.ts'

/** Why the vendor would answer 400 to the cache markers of this body: platform.claude.com/docs/en/build-with-claude/prompt-caching; undefined when it would not. */
export function refuseCacheMarkers(body: Fields): string | undefined {
  const blocks = promptBlocks(body)
  const inner = blocks.flatMap(({ at, block }) => objects(block.content).map((part, index) => ({ at: `${at}.content.${index}`, block: part })))
  const marked = [{ at: 'body', block: body }, ...blocks, ...inner].filter(({ block }) => block.cache_control !== undefined && block.cache_control !== null)
  if (marked.length > 4) return `A maximum of 4 blocks with cache_control may be provided. Found ${marked.length}.`
  for (const { at, block } of marked) {
    const { cache_control: control } = block
    if (!isObject(control) || control.type !== 'ephemeral' || Object.keys(control).some((name) => name !== 'type' && name !== 'ttl'))
      return `${at}.cache_control: Input should be {"type": "ephemeral"}`
    if (block.defer_loading === true) return `Tool '${String(block.name)}' cannot have both defer_loading=true and cache_control set.`
    if (!canBeMarked(block)) return `${at}.${String(block.type)}.cache_control: Extra inputs are not permitted`
  }
  return undefined
}
