import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { describe, expect, it } from 'vitest'
import { loadConfig } from '../../../core/config/load.ts'
import { hostModules } from './host-modules.ts'
import { workspace } from './workspace.ts'

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void

function usedMegabytes(): number {
  collectGarbage()
  collectGarbage()
  return process.memoryUsage().heapUsed / 1e6
}

describe('loading a configuration again and again', () => {
  it('does not fill the memory, although each time is new code', async () => {
    const files = workspace({ 'gateway.config.ts': `import { text } from './text.ts'\nexport default () => ({ plugins: [], freeze: text.length > 5 })` })
    const loadTimes = async (times: number) => {
      for (let index = 0; index < times; index++) {
        // 50 kB of new source: modules that are never freed would cost 20 MB.
        files.write('text.ts', `export const text = '${String(index).repeat(50_000 / String(index).length)}'`)
        await loadConfig(files.path('gateway.config.ts'), { hostModules })
      }
    }
    await loadTimes(50)
    const before = usedMegabytes()
    await loadTimes(400)
    const growth = usedMegabytes() - before
    console.info(`400 loads of a configuration: heap ${growth.toFixed(2)} MB more than before`)
    expect(growth).toBeLessThan(5)
  }, 60_000)
})
