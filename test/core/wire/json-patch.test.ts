import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { insertMember, patchBytes, replaceMember } from '../../../core/wire/json-patch.ts'
import { type JsonMember, peekJson } from '../../../core/wire/json-peek.ts'

const body = Buffer.from('{ "model" : "a",\n "text": "é✓", "stream":false }')

function memberOf(bytes: Buffer, name: string): JsonMember {
  const member = peekJson(bytes, [name]).get(name)
  if (!member) throw new Error(`no member ${name}`)
  return member
}

describe('patchBytes', () => {
  it('gives back the very same buffer when there is nothing to do', () => {
    expect(patchBytes(body, [])).toBe(body)
  })

  it('replaces values and leaves every other byte as it was', () => {
    const edits = [replaceMember(memberOf(body, 'stream'), true), replaceMember(memberOf(body, 'model'), 'ünï"code')].filter((edit) => edit !== undefined)
    expect(patchBytes(body, edits).toString()).toBe('{ "model" : "ünï\\"code",\n "text": "é✓", "stream":true }')
    expect(body.toString()).toContain('"model" : "a"')
  })

  it('keeps all other bytes for any model name and any place of it', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary' }),
        fc.string({ unit: 'grapheme' }),
        fc.array(fc.tuple(fc.constantFrom('a', 'b', 'é'), fc.jsonValue())),
        fc.nat(),
        (from, to, others, place) => {
          const members = others.map(([key, value]) => `${JSON.stringify(key)}: ${JSON.stringify(value)}`)
          members.splice(place % (members.length + 1), 0, `"model":${JSON.stringify(from)}`)
          const original = Buffer.from(`{${members.join(' , ')}}`)
          const member = memberOf(original, 'model')
          const edit = replaceMember(member, to)
          const patched = patchBytes(original, edit ? [edit] : [])
          const expected = Buffer.concat([original.subarray(0, member.start), Buffer.from(JSON.stringify(to)), original.subarray(member.end)])
          if (from === to) expect(patched).toBe(original)
          else expect(patched).toEqual(expected)
          expect(memberOf(patched, 'model').value).toBe(to)
        },
      ),
    )
  })

  it('inserts a member as the first one, whatever stands before the object', () => {
    for (const mark of ['', ' \n', '\uFEFF']) {
      const bytes = Buffer.from(`${mark}{ "model":"m"}`)
      const patched = patchBytes(bytes, [insertMember(bytes, 'stream_options', '{"include_usage":true}')])
      expect(patched.toString()).toBe(`${mark}{"stream_options":{"include_usage":true}, "model":"m"}`)
    }
  })

  it('inserts and replaces in one pass, also at the very start', () => {
    const bytes = Buffer.from('{"model":"m"}')
    const replace = replaceMember(memberOf(bytes, 'model'), 'n')
    const patched = patchBytes(bytes, [...(replace ? [replace] : []), insertMember(bytes, 'x', '1')])
    expect(patched.toString()).toBe('{"x":1,"model":"n"}')
  })
})

describe('replaceMember', () => {
  it('answers with nothing when the value is the same already', () => {
    expect(replaceMember(memberOf(body, 'model'), 'a')).toBeUndefined()
    expect(replaceMember(memberOf(body, 'stream'), false)).toBeUndefined()
  })

  it('replaces a value of another type', () => {
    expect(replaceMember(memberOf(Buffer.from('{"x":{"a":[1]}}'), 'x'), 5)).toEqual({ start: 5, end: 14, text: '5' })
  })
})
