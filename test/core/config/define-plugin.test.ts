import { definePlugin, GatewayError } from 'tokligence'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'

const telemetry = { kind: 'telemetry', name: 'small', apiVersion: 1, options: z.strictObject({}), setup: () => undefined } as const

/** Definitions in JavaScript are seen by no type check. */
function define(changes: object): unknown {
  try {
    return definePlugin({ ...telemetry, ...changes })
  } catch (error) {
    return error
  }
}

describe('definePlugin', () => {
  it.each([9, 0, '1', undefined])('refuses a definition for version %j of the plugin API', (apiVersion) => {
    const error = define({ apiVersion })
    expect(GatewayError.is(error, 'TKL_CONFIG_INVALID')).toBe(true)
    expect(error).toMatchObject({ message: expect.stringMatching(/^definePlugin: the plugin "small" is for version .+; this gateway knows version 1/) })
  })

  it.each(['', 'Telemetry', 'two words', 'under_score', '-a', 'a-', 7, undefined])('refuses the kind %j', (kind) => {
    const error = define({ kind })
    expect(GatewayError.is(error, 'TKL_CONFIG_INVALID')).toBe(true)
    expect(error).toMatchObject({ message: expect.stringContaining('a kind is a kebab-case word') })
  })

  it.each(['weather', 'weather-forecast', 'v2'])('takes the kind %s, though the gateway has none such', (kind) => {
    expect(define({ kind })).toBeTypeOf('function')
  })

  it('gives the plugin the version of its definition', () => {
    expect(definePlugin(telemetry)()).toMatchObject({ kind: 'telemetry', id: 'small', apiVersion: 1 })
  })
})
