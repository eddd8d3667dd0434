import { fakePluginApi } from '../../../../core/testing/index.ts'
import { sqliteSessions } from '../../../../plugins/session/sqlite/index.ts'

/** `<file> <name> <entries>`: puts entries `<name>-<number>` one by one, prints the key of each that is acknowledged, and is killed after the last. */
const [path = '', name = '', entries = ''] = process.argv.slice(2)

const store = await sqliteSessions.definition.setup(fakePluginApi({ id: 'sqlite' }), sqliteSessions.definition.options.parse({ path }))

for (let number = 0; number < Number(entries); number++) {
  const key = `${name}-${number}`
  await store.put('me', [{ key, value: `"${key}"`, expiresAt: Date.now() + 60_000 }])
  process.stdout.write(`${key}\n`)
}
process.stdout.write('', () => process.kill(process.pid, 'SIGKILL'))
