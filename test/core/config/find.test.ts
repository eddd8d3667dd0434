import { mkdirSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { configNames, findConfig } from '../../../core/config/find.ts'
import { workspace } from './workspace.ts'

describe('finding the configuration', () => {
  it.each(configNames)('finds %s in the folder', async (name) => {
    const files = workspace({ [name]: 'export default {}' })
    expect(await findConfig(files.folder)).toBe(files.path(name))
  })

  it('prefers TypeScript to JavaScript', async () => {
    const files = workspace(Object.fromEntries(configNames.map((name) => [name, 'export default {}'])))
    expect(await findConfig(files.folder)).toBe(files.path('gateway.config.ts'))
  })

  it('takes an empty one for a mistake rather than for none', async () => {
    const files = workspace({ 'gateway.config.ts': '' })
    expect(await findConfig(files.folder)).toBe(files.path('gateway.config.ts'))
  })

  it('does not look into parent folders', async () => {
    const files = workspace({ 'gateway.config.ts': 'export default {}', 'inner/readme.md': '' })
    expect(await findConfig(files.path('inner'))).toBeUndefined()
  })

  it('does not run what it finds', async () => {
    const files = workspace({ 'gateway.config.js': 'throw new Error("it was run")' })
    expect(await findConfig(files.folder)).toBe(files.path('gateway.config.js'))
  })

  it('takes the named one, whatever its name, from the folder it is asked in', async () => {
    const files = workspace({ 'gateway.config.ts': '', 'other/mine.ts': '' })
    expect(await findConfig(files.folder, 'other/mine.ts')).toBe(files.path('other/mine.ts'))
    expect(await findConfig('/', files.path('other/mine.ts'))).toBe(files.path('other/mine.ts'))
  })

  it('says when the named one is not there, or is no file', async () => {
    const files = workspace({ 'folder/a.ts': '' })
    await expect(findConfig(files.folder, 'none.ts')).rejects.toMatchObject({
      code: 'TKL_CONFIG_NOT_FOUND',
      message: 'The configuration file none.ts does not exist.',
    })
    await expect(findConfig(files.folder, 'folder')).rejects.toMatchObject({
      code: 'TKL_CONFIG_NOT_FOUND',
      message: 'The configuration file folder is not a file.',
    })
  })

  it('does not start without a configuration that is there but cannot be read', async () => {
    const files = workspace()
    mkdirSync(files.path('gateway.config.ts'))
    await expect(findConfig(files.folder)).rejects.toMatchObject({ code: 'TKL_CONFIG_INVALID' })
  })
})
