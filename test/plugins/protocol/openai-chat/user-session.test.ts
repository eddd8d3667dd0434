import { LossSink } from 'tokligence'
import { describe, expect, it } from 'vitest'
import { promptCacheKey, shortUser, splitSession } from '../../../../plugins/protocol/openai-chat/request/user-session.ts'

describe('the id of a user', () => {
  it.each([
    ['{"device_id":"d","account_uuid":"a","session_id":"s-1"}', { person: '{"device_id":"d","account_uuid":"a"}', session: 's-1' }],
    ['{"session_id":"s-1"}', { session: 's-1' }],
    ['{"device_id":"d","session_id":""}', { person: '{"device_id":"d"}' }],
    ['{"session_id":7}', { person: '{"session_id":7}' }],
    ['user_1_account_2_session_3-4', { person: 'user_1_account_2', session: '3-4' }],
    ['_session_3', { person: '_session_3' }],
    ['{broken', { person: '{broken' }],
    ['user-7', { person: 'user-7' }],
  ])('%s is read as a person and a session', (user, parts) => {
    expect(splitSession(user)).toEqual(parts)
  })

  it('is at most 64 characters, and says when it is a digest', () => {
    const losses = new LossSink()
    expect(shortUser('u'.repeat(64), losses)).toBe('u'.repeat(64))
    expect(losses.losses).toEqual([])
    expect(shortUser('u'.repeat(65), losses)).toMatch(/^[0-9a-f]{64}$/)
    expect(losses.losses.map(({ path, severity }) => [path, severity])).toEqual([['user', 'hint']])
  })
})

describe('the key of a session', () => {
  it('names the session, or its digest where the vendor would refuse the key', () => {
    expect(promptCacheKey('s-1')).toBe('tkl-s-1')
    expect(promptCacheKey('s'.repeat(60))).toBe(`tkl-${'s'.repeat(60)}`)
    const long = promptCacheKey('s'.repeat(61))
    expect(long).toMatch(/^tkl-[\w-]{43}$/)
    expect(promptCacheKey('s'.repeat(61))).toBe(long)
    expect(promptCacheKey('s'.repeat(62))).not.toBe(long)
  })
})
