/** Freezes plain objects and arrays all the way down; class instances and buffers are left alone. */
export function freezeDeep(value: unknown): void {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return
  const prototype = Object.getPrototypeOf(value)
  if (prototype !== Object.prototype && prototype !== Array.prototype && prototype !== null) return
  Object.freeze(value)
  for (const inner of Object.values(value)) freezeDeep(inner)
}
