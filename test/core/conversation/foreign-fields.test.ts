import { type Extensions, featureName, LossSink, reportForeignFields } from 'tokligence'
import { describe, expect, it } from 'vitest'

function lost(ext: Extensions | undefined, path = 'messages[0]', own = 'own') {
  const losses = new LossSink()
  reportForeignFields({ ext }, path, losses, own)
  return losses.losses.map(({ path, feature, action, severity }) => `${path} ${feature} ${action} ${severity}`)
}

describe('fields that only another protocol has', () => {
  it('are reported one by one, with their place', () => {
    expect(lost({ other: { top_k: 1, logitBias: { 5: 1 } }, third: { x: 'y' } })).toEqual([
      'messages[0].top_k top-k dropped semantic',
      'messages[0].logitBias logit-bias dropped semantic',
      'messages[0].x x dropped semantic',
    ])
    expect(lost({ other: { top_k: 1 } }, '')).toEqual(['top_k top-k dropped semantic'])
  })

  it('are hints where only cost, speed or bookkeeping rest on them, by the name of their feature', () => {
    expect(lost({ other: { cache_control: { type: 'ephemeral' }, id: 'i', user: 'u' } })).toEqual([
      'messages[0].cache_control cache-marker dropped hint',
      'messages[0].id item-id dropped hint',
      'messages[0].user user-id dropped hint',
    ])
  })

  it('are none when they ask for nothing, tell how something was spelled, or are the protocol’s own', () => {
    expect(lost({ other: { a: null, b: false, c: [], d: {}, $wire: { native: true } }, own: { e: 1 } })).toEqual([])
    expect(lost(undefined)).toEqual([])
  })

  it('count when they say zero or an empty text', () => {
    expect(lost({ other: { a: 0, b: '' } })).toHaveLength(2)
  })

  it.each([
    ['logit_bias', 'logit-bias'],
    ['cachedContent', 'cached-content'],
    ['web_search_20250305', 'web-search-20250305'],
    ['x', 'x'],
  ])('have names of features: %s is %s', (field, name) => {
    expect(featureName(field)).toBe(name)
  })
})
