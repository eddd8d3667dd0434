import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { workspace } from '../config/workspace.ts'
import { captureIo, runCommand } from './captured-io.ts'

async function outcome(...argv: string[]) {
  const io = captureIo(workspace().folder, { TOKLIGENCE_LEDGER_PATH: ':memory:' })
  const code = await runCommand(argv, io)
  return { code, out: io.out, error: io.error }
}

const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { readonly version: string }

describe('the command line', () => {
  it.each(['--version', '-v'])('tells its version with %s', async (flag) => {
    expect(await outcome(flag)).toEqual({ code: 0, out: `${version}\n`, error: '' })
  })

  it.each([[['--help']], [['-h']], [['help']], [[]]])('explains itself with %j', async (argv) => {
    const { code, out, error } = await outcome(...argv)
    expect({ code, error }).toEqual({ code: 0, error: '' })
    for (const name of ['start', 'dev', 'check', 'init', 'usage', 'requests']) expect(out).toMatch(new RegExp(`^  ${name}\\s+\\S`, 'm'))
  })

  it.each(['start', 'dev', 'check', 'init', 'usage', 'requests'])('explains %s, with its options and examples', async (name) => {
    const { code, out } = await outcome(name, '--help')
    expect(code).toBe(0)
    expect(out).toMatch(/^Options:\n {2}-./m)
    expect(out).toContain(`Examples:\n  tokligence ${name}`)
    expect((await outcome('help', name)).out).toBe(out)
  })

  it.each([
    [['strat'], 'There is no command "strat"; did you mean "start"?'],
    [['start', '--prot', '1'], 'start has no option "--prot"; did you mean "--port"?', 'start '],
    [['--colour'], 'tokligence has no option "--colour" (known: --help).'],
    [['start', '--port'], 'The option --port needs a value: --port <number>.', 'start '],
    [['check', '-x'], 'check has no option "-x" (known: --help, --config, --json).', 'check '],
    [['start', '--port', '1', '--port', '2'], 'The option --port is given twice.', 'start '],
    [['start', '--port', 'eighty'], 'The port must be a number from 0 to 65535, not "eighty".'],
    [['start', '--port', '65536'], 'The port must be a number from 0 to 65535, not "65536".'],
    [['check', 'gateway.config.ts'], 'There is too much on the line: "gateway.config.ts".', 'check '],
    [['usage', '--since', 'yesterday'], '"yesterday" is no time: write 90m, 24h, 7d or 4w, or a date such as 2026-01-31 or 2026-01-31T08:00Z.'],
    [['usage', '--by', 'colour'], '--by takes model, provider, principal, day, not "colour".'],
    [['requests', '--limit', '0'], '--limit takes a number from 1 to 1000, not "0".'],
    [['requests', '--limit', 'many'], '--limit takes a number from 1 to 1000, not "many".'],
    [['requests', '--since', 'then'], '"then" is no time: write 90m, 24h, 7d or 4w, or a date such as 2026-01-31 or 2026-01-31T08:00Z.'],
  ])('refuses %j with 64 and says why', async (argv, message, command = '') => {
    expect(await outcome(...argv)).toEqual({ code: 64, out: '', error: `tokligence: ${message}\nRun "tokligence ${command}--help" for what there is.\n` })
  })

  it.each(['start', 'dev', 'check', 'usage', 'requests', 'any-plugin-command'])(
    'ends %s with 78 when the configuration is wrong, and says what to do',
    async (name) => {
      const files = workspace({ 'gateway.config.ts': 'export default { plugins: [], lisen: {} }' })
      const io = captureIo(files.folder)
      expect(await runCommand([name], io)).toBe(78)
      expect(io.error).toContain('gateway.config.ts:1:31: unknown setting "lisen"; did you mean "listen"?')
      expect(io.error.trimEnd().split('\n').at(-1)).toBe('Correct the configuration, then run "tokligence check".')
    },
  )

  it('prints errors in red on a terminal, and plainly where NO_COLOR is set', async () => {
    const printedWith = async (environment: NodeJS.ProcessEnv) => {
      const io = captureIo(workspace().folder, environment)
      const terminal = { ...io, stderr: { ...io.stderr, isTTY: true } }
      await runCommand(['start', '--config', 'none.ts'], terminal)
      return io.error.split('\n')[0]
    }
    const message = 'tokligence: TKL_CONFIG_NOT_FOUND: The configuration file none.ts does not exist.'
    expect(await printedWith({})).toBe(`\u001B[31m${message}\u001B[39m`)
    expect(await printedWith({ NO_COLOR: '1' })).toBe(message)
  })
})
