import { describe, expect, it } from 'vitest'
import { workspace } from '../config/workspace.ts'
import { captureIo, runCommand } from './captured-io.ts'

const config = `
  const command = {
    name: 'greet',
    description: 'Greet somebody',
    options: [{ flags: '--loud', description: 'In capitals' }, { flags: '--times <number>', description: 'How often', default: 1 }],
    run: ({ arguments: names, options }) => { globalThis.seenCommand = { names, options }; return names.length === 0 ? 3 : 0 },
  }
  export default { plugins: [{ kind: 'admin', id: 'greeter', name: 'greeter', apiVersion: 1, setup: (api) => api.addCommand(command) }] }
`

async function greet(...argv: string[]) {
  const files = workspace({ 'gateway.config.ts': config, 'other.ts': config })
  const io = captureIo(files.folder)
  const code = await runCommand(argv, io)
  return { code, out: io.out, error: io.error, seen: (globalThis as unknown as { readonly seenCommand: unknown }).seenCommand }
}

describe('a command of a plugin', () => {
  it('is given its arguments and options, and answers with the exit code', async () => {
    expect(await greet('greet', 'Ada', '7', '--loud')).toMatchObject({ code: 0, seen: { names: ['Ada', '7'], options: { loud: true, times: 1 } } })
    expect((await greet('greet', '--times', '3')).code).toBe(3)
  })

  it('comes from the configuration that is named, which it is not told of', async () => {
    const { code, seen } = await greet('greet', 'Ada', '--config', 'other.ts')
    expect({ code, seen }).toEqual({ code: 0, seen: { names: ['Ada'], options: { times: 1 } } })
  })

  it('explains itself', async () => {
    const { code, out } = await greet('greet', '--help')
    expect(code).toBe(0)
    expect(out).toMatch(/^Greet somebody\.\n\nUsage:\n {2}tokligence greet \[arguments\] \[options\]\n\nOptions:\n {2}--loud/)
    expect(out).toContain('How often (default: 1)')
  })

  it('is listed by check', async () => {
    expect((await greet('check')).out).toContain('command  tokligence greet: Greet somebody')
  })

  it('refuses options that it does not have', async () => {
    expect(await greet('greet', '--lout')).toMatchObject({ code: 64, error: expect.stringContaining('greet has no option "--lout"; did you mean "--loud"?') })
  })

  it('is suggested when it is misspelled', async () => {
    expect(await greet('great')).toMatchObject({ code: 64, error: expect.stringContaining('There is no command "great"; did you mean "greet"?') })
  })
})
