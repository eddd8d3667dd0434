import { describe, expect, it } from 'vitest'
import { loadConfig } from '../../../core/config/load.ts'
import { GatewayError } from '../../../core/errors.ts'
import { type BrokenConfig, brokenOptions, brokenRuns, brokenShapes, brokenSources } from './broken-configs.ts'
import { hostModules } from './host-modules.ts'
import { workspace } from './workspace.ts'

const suites: readonly [string, readonly BrokenConfig[]][] = [
  ['a configuration that does not compile', brokenSources],
  ['a configuration that fails', brokenRuns],
  ['a plugin’s options', brokenOptions],
  ['what a configuration is', brokenShapes],
]

describe.each(suites)('%s', (_title, cases) => {
  it.each(cases)('is refused with its place: $title', async ({ lines, files: others, code = 'TKL_CONFIG_INVALID', says }) => {
    const files = workspace({ ...others, 'gateway.config.ts': lines.join('\n') })
    const error: unknown = await loadConfig(files.path('gateway.config.ts'), { hostModules, cwd: files.folder }).catch((reason: unknown) => reason)
    if (!GatewayError.is(error)) throw new Error('it was loaded', { cause: error })
    expect(error.code).toBe(code)
    for (const pattern of says) expect(error.message).toMatch(pattern)
    const problems = error.message.split('\n').filter((line) => !line.startsWith('    '))
    expect(problems, 'one line for each problem').toHaveLength(says.length)
  })
})

it('has more than fifty cases', () => {
  expect(suites.flatMap(([, cases]) => cases).length).toBeGreaterThan(50)
})
