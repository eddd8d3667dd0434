import fc from 'fast-check'
import { type JsonObject, splitUnset, wireMemo } from 'tokligence'
import { describe, expect, it } from 'vitest'

const { remember, recall, rememberInner, recallInner, isNative } = wireMemo('wire')

describe('what a protocol remembers of its wire', () => {
  it('is kept apart by protocol, and given back', () => {
    const node = remember({ a: 1 }, { spelling: 'x' })
    expect(node).toEqual({ ext: { wire: { a: 1, $wire: { spelling: 'x' } } } })
    expect(recall(node)).toEqual({ fields: { a: 1 }, memo: { spelling: 'x' } })
    expect(wireMemo('other').recall(node)).toEqual({ fields: {}, memo: {} })
  })

  it('is nothing at all when there is nothing to remember', () => {
    expect(remember({})).toEqual({})
    expect(remember({}, { spelling: undefined, unset: {}, unsetInner: {} })).toEqual({})
    expect(recall({})).toEqual({ fields: {}, memo: {} })
  })

  it('gives back members that said nothing before those that did, so that a value set since wins', () => {
    const node = remember({ a: 1 }, { unset: { a: null, b: [] } })
    expect(recall(node)).toEqual({ fields: { a: 1, b: [] }, memo: {} })
    expect({ ...recall(node).fields, b: [2] }).toEqual({ a: 1, b: [2] })
  })

  it('keeps what a wrapped object leaves over apart from what stands around it', () => {
    const node = rememberInner({ outer: 1 }, 'function', { inner: 2 }, { unset: { c: null }, unsetInner: { d: null }, spelling: 'x' })
    expect(recallInner(node, 'function')).toEqual({
      outer: { outer: 1, c: null },
      inner: { inner: 2, d: null },
      memo: { unsetInner: { d: null }, spelling: 'x' },
    })
    expect(recallInner(rememberInner({}, 'function', {}, {}), 'function')).toEqual({ outer: {}, inner: {}, memo: {} })
    expect(recallInner({ ext: { wire: { function: 'odd' } } }, 'function').inner).toEqual({})
  })

  it('tells what was read from this protocol', () => {
    expect(isNative(remember({}, { native: true }))).toBe(true)
    expect([isNative({}), isNative(remember({ native: true })), wireMemo('other').isNative(remember({}, { native: true }))]).toEqual([false, false, false])
  })

  it('is whole again: what was split and remembered is what was there', () => {
    const value = fc.oneof(fc.constant(null), fc.constant([]), fc.integer(), fc.string(), fc.array(fc.integer(), { minLength: 1 }), fc.constant({}))
    const key = fc.string({ minLength: 1, maxLength: 3 }).filter((name) => name !== '__proto__' && name !== '$wire')
    fc.assert(
      fc.property(fc.dictionary(key, value, { noNullPrototype: true }), (object) => {
        const { given, unset } = splitUnset(object as JsonObject)
        expect(recall(remember(given, { unset })).fields).toEqual(object)
      }),
    )
  })
})

describe('members that say nothing', () => {
  it('are null and empty lists', () => {
    expect(splitUnset({ a: null, b: [], c: 0, d: '', e: {}, f: false })).toEqual({ given: { c: 0, d: '', e: {}, f: false }, unset: { a: null, b: [] } })
  })

  it('are not looked for twice: an object without any is the same one', () => {
    const object = { a: 1 }
    expect(splitUnset(object).given).toBe(object)
  })
})
