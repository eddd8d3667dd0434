import { describe, expect, it } from 'vitest'
import { workspace } from '../config/workspace.ts'
import { captureIo, runCommand } from './captured-io.ts'

async function check(config: string, ...options: string[]) {
  const files = workspace({ 'gateway.config.ts': config })
  const io = captureIo(files.folder)
  const code = await runCommand(['check', ...options], io)
  return { code, out: io.out, error: io.error, path: files.path('gateway.config.ts') }
}

const good = `
  import { health, loopback } from 'tokligence/plugins'
  export default { plugins: [loopback({ id: 'echo' }), [health()]] }
`

describe('tokligence check', () => {
  it('lists the plugins in order, and what is missing', async () => {
    const { code, out, error } = await check(good)
    expect({ code, error }).toEqual({ code: 0, error: '' })
    expect(out.split('\n').slice(0, 4)).toEqual([
      'kind      id      plugin',
      '--------  ------  --------',
      'provider  echo    loopback',
      'admin     health  health',
    ])
    expect(out).toContain('note  no ledger is configured: requests are not recorded')
    expect(out.trimEnd().split('\n').at(-1)).toBe('gateway.config.ts is in order: 2 plugins.')
  })

  it('tells the same to programs', async () => {
    const { code, out, path } = await check(good, '--json')
    expect(code).toBe(0)
    expect(JSON.parse(out)).toMatchObject({
      ok: true,
      configuration: path,
      plugins: [
        { kind: 'provider', id: 'echo', name: 'loopback' },
        { kind: 'admin', id: 'health', name: 'health' },
      ],
      commands: [],
      warnings: expect.arrayContaining(['no ledger is configured: requests are not recorded']),
    })
  })

  it('tells every problem and ends with 78', async () => {
    const { code, out, error } = await check('export default {\n  plugins: [5],\n  freze: true,\n}')
    expect({ code, out }).toEqual({ code: 78, out: '' })
    expect(error).toMatch(/gateway\.config\.ts:3:3: unknown setting "freze"[\s\S]*gateway\.config\.ts:2:3: plugins\[0\] is 5, not a plugin/)
  })

  it('gives programs each problem with its place', async () => {
    const { code, out, error, path } = await check('export default {\n  plugins: [],\n  freze: true,\n}', '--json')
    expect({ code, error }).toEqual({ code: 78, error: '' })
    expect(JSON.parse(out)).toEqual({
      ok: false,
      code: 'TKL_CONFIG_INVALID',
      problems: [{ message: 'unknown setting "freze"; did you mean "freeze"?', file: path, line: 3, column: 3 }],
    })
  })

  it('finds what only shows when the plugins are put together', async () => {
    const { code, error } = await check(`
      import { loopback, modelRoutes } from 'tokligence/plugins'
      export default { plugins: [loopback(), modelRoutes({ 'a*': 'lopback' })] }
    `)
    expect(code).toBe(78)
    expect(error).toContain('a route names the provider "lopback", which no plugin has; did you mean "loopback"?')
  })

  it('opens no socket and waits for nothing: it sets plugins up without serving', async () => {
    const { code } = await check(`
      export default { plugins: [{ kind: 'admin', id: 'look', name: 'look', apiVersion: 1, setup(api) { if (api.serving) throw new Error('serving') } }] }
    `)
    expect(code).toBe(0)
  })
})
