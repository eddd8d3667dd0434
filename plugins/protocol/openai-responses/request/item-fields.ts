import { isEmpty, isJsonObject, type JsonObject, type Memo, splitUnset } from 'tokligence'
import { takeEnvelope } from '../item/item-memo.ts'
import { recall } from '../wire/wire-memo.ts'

/** What an item holds beside its content, parted: an id and a status mean nothing elsewhere, and are only written back. */
export function splitItem(item: JsonObject): { readonly given: JsonObject; readonly memo: Memo } {
  const { envelope, rest } = takeEnvelope(item)
  const { given, unset } = splitUnset(rest)
  return { given, memo: { item: isEmpty(envelope) ? undefined : envelope, unset } }
}

/** What `splitItem` kept of the item that became this node. */
export function itemFields(node: Parameters<typeof recall>[0]): { readonly fields: JsonObject; readonly memo: JsonObject } {
  const { fields, memo } = recall(node)
  return { fields: isJsonObject(memo.item) ? { ...fields, ...memo.item } : fields, memo }
}
