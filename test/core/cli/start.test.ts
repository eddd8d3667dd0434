import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, it } from 'vitest'
import { workspace } from '../config/workspace.ts'
import { captureIo, printed, runCommand, serveCommand } from './captured-io.ts'

const quiet = `log: { level: 'silent' }, listen: { port: 0 }`

const small = {
  'gateway.config.ts': `
    import { defineConfig } from 'tokligence'
    import { anthropicMessages, health, loopback, modelRoutes, openaiChat } from 'tokligence/plugins'
    export default defineConfig({ ${quiet}, plugins: [openaiChat(), anthropicMessages(), loopback(), modelRoutes({ 'loopback*': 'loopback' }), health()] })
  `,
}

const nothing = { TOKLIGENCE_LEDGER_PATH: ':memory:', TOKLIGENCE_LOG_LEVEL: 'silent' }

describe('tokligence start', () => {
  it('serves the configuration of the folder, says where, and ends with 0 on a signal', async () => {
    const { io, url, stop } = await serveCommand(['start'], workspace(small).folder)
    expect((await fetch(`${url}/health`)).status).toBe(200)
    expect(io.error).toMatch(/configuration +gateway\.config\.ts\n +providers +loopback\n +ledger +none\n/)
    expect(io.error).toContain('authentication is off: only this machine can call the gateway')
    expect(io.out).toBe('')
    expect(await stop()).toBe(0)
    await expect(fetch(`${url}/health`)).rejects.toThrow()
    expect(io.events.eventNames()).toEqual([])
  })

  it('prints a curl line that streams an answer without a key', async () => {
    const { io, url, stop } = await serveCommand(['start'], workspace(small).folder)
    const [, target, body] = /curl -N (\S+) -H 'content-type: application\/json' -d '(.+)'\n/.exec(io.error) ?? []
    expect(target).toMatch(url)
    const answer = await fetch(target ?? '', { method: 'POST', headers: { 'content-type': 'application/json' }, body: body ?? '' })
    expect(answer.headers.get('content-type')).toContain('text/event-stream')
    expect(await answer.text()).toContain('hello')
    await stop()
  })

  it('takes port and host from the line before those of the configuration', async () => {
    const { url, stop } = await serveCommand(['start', '--port', '0', '--host', '127.0.0.2'], workspace(small).folder)
    expect(url).toMatch(/^http:\/\/127\.0\.0\.2:\d+$/)
    await stop()
  })

  it('starts what the environment sets when there is no configuration', async () => {
    const { io, stop } = await serveCommand(['start', '--port', '0'], workspace().folder, { ...nothing, OPENAI_API_KEY: 'a-key' })
    expect(io.error).toMatch(/configuration +the environment/)
    expect(io.error).toMatch(/providers +openai, loopback\n/)
    await stop()
  })

  it('reads .env, beside the configuration or in the folder without one', async () => {
    const files = workspace({
      '.env': 'TOKLIGENCE_FACADE_PORT=0\nOPENAI_API_KEY=a-key',
      'other/.env': 'TOKLIGENCE_TEST_BESIDE=loopback.test',
      'other/gateway.config.ts': `export default { ${quiet}, plugins: [], allowedHosts: [process.env.TOKLIGENCE_TEST_BESIDE] }`,
    })
    const preset = await serveCommand(['start'], files.folder, { ...nothing })
    expect(preset.io.error).toMatch(/providers +openai, loopback\n/)
    await preset.stop()
    const named = await serveCommand(['start', '--config', 'other/gateway.config.ts'], files.folder, process.env)
    expect(process.env.TOKLIGENCE_TEST_BESIDE).toBe('loopback.test')
    delete process.env.TOKLIGENCE_TEST_BESIDE
    await named.stop()
  })

  it('ends with 69 when the port is taken', async () => {
    const server = createServer().listen(0, '127.0.0.1')
    await new Promise((resolve) => server.once('listening', resolve))
    const { port } = server.address() as AddressInfo
    const io = captureIo(workspace(small).folder)
    expect(await runCommand(['start', '--port', String(port)], io)).toBe(69)
    expect(io.error).toContain(`Cannot listen on 127.0.0.1:${port}: port ${port} is taken; choose another with --port`)
    server.close()
  })

  it('ends with 78 rather than let other machines in without authentication', async () => {
    const io = captureIo(workspace(small).folder)
    expect(await runCommand(['start', '--host', '0.0.0.0'], io)).toBe(78)
    expect(io.error).toContain('no auth plugin is configured')
  })

  it('ends at once on a second signal, while a request is still live', async () => {
    const { io, url, stop, code } = await serveCommand(['start'], workspace(small).folder)
    const body = JSON.stringify({ model: 'loopback-slow', stream: true, messages: [{ role: 'user', content: 'take your time' }] })
    const answer = await fetch(`${url}/v1/chat/completions`, { method: 'POST', headers: { 'content-type': 'application/json' }, body })
    void stop()
    expect(io.exits).toEqual([])
    io.events.emit('SIGINT', 'SIGINT')
    expect(io.exits).toEqual([130])
    await answer.body?.cancel()
    expect(await code).toBe(0)
  })

  it.each(['uncaughtException', 'unhandledRejection'])('closes gracefully and ends with 1 after an %s', async (event) => {
    const { io, url, code } = await serveCommand(['start'], workspace(small).folder)
    io.events.emit(event, new Error('nobody caught it'))
    expect(await code).toBe(1)
    await expect(fetch(`${url}/health`)).rejects.toThrow()
  })

  it('fails clearly when a plugin cannot be set up, and lets the process end', async () => {
    const files = workspace({
      'gateway.config.ts': `
        import { definePlugin } from 'tokligence'
        const broken = { kind: 'admin', id: 'broken', name: 'broken', apiVersion: 1, setup: () => { throw new Error('no disk') } }
        export default { ${quiet}, plugins: [broken] }
      `,
    })
    const io = captureIo(files.folder)
    expect(await runCommand(['start'], io)).toBe(78)
    expect(io.error).toContain('TKL_PLUGIN_SETUP_FAILED: The admin plugin "broken" could not be set up: no disk')
    await expect(printed(io, /tokligence check/)).resolves.toBeDefined()
  })
})
