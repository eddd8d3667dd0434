import { definePlugin } from 'tokligence'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { resolveConfig } from '../../../core/config/resolve.ts'

const plugin = definePlugin({ kind: 'telemetry', name: 'one', apiVersion: 1, options: z.strictObject({}), setup: () => undefined })

describe('resolving a configuration', () => {
  it('fills in every default', () => {
    expect(resolveConfig({ plugins: [] })).toEqual({
      plugins: [],
      listen: { host: '127.0.0.1', port: 8081 },
      allowedHosts: [],
      allowedOrigins: [],
      limits: { requestBytes: 33_554_432, replyBytes: 134_217_728 },
      onLoss: 'report',
      drainTimeout: 30_000,
      pingInterval: 15_000,
      log: { level: 'info', format: undefined },
      freeze: false,
    })
  })

  it('keeps what is set, beside the defaults of what is not', () => {
    const resolved = resolveConfig({
      plugins: [],
      listen: { port: 0 },
      limits: { replyBytes: 5 },
      log: { format: 'json' },
      allowedHosts: ['gateway.local', '[::1]'],
      allowedOrigins: undefined,
    })
    expect(resolved).toMatchObject({
      listen: { host: '127.0.0.1', port: 0 },
      limits: { requestBytes: 33_554_432, replyBytes: 5 },
      log: { level: 'info', format: 'json' },
      allowedHosts: ['gateway.local', '[::1]'],
      allowedOrigins: [],
    })
  })

  it('flattens nested lists in order and leaves out what is falsy', () => {
    const entries = [plugin({ id: 'a' }), [plugin({ id: 'b' }), [false, plugin({ id: 'c' })]], undefined, null, '', 0, [], plugin({ id: 'd' })]
    expect(resolveConfig({ plugins: entries }).plugins.map(({ id }) => id)).toEqual(['a', 'b', 'c', 'd'])
  })

  it('allows one id in two kinds', () => {
    const other = definePlugin({ kind: 'admin', name: 'one', apiVersion: 1, options: z.strictObject({}), setup: () => undefined })
    expect(resolveConfig({ plugins: [plugin(), other()] }).plugins).toHaveLength(2)
  })

  it.each([[undefined], [null], [5], ['plugins'], [[]], [{}], [{ plugins: {} }], [plugin()]])('refuses %j', (config) => {
    expect(() => resolveConfig(config)).toThrow(expect.objectContaining({ code: 'TKL_CONFIG_INVALID' }))
  })
})
