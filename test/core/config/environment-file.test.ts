import { mkdirSync, rmSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { EnvironmentFile } from '../../../core/config/environment-file.ts'
import { workspace } from './workspace.ts'

describe('.env', () => {
  it('sets what the environment does not have', () => {
    const files = workspace({ '.env': 'A=1\nexport B="two words" # a remark\nC=\n' })
    const environment: NodeJS.ProcessEnv = {}
    expect(new EnvironmentFile(files.path('.env'), environment).load()).toEqual(['A', 'B', 'C'])
    expect(environment).toEqual({ A: '1', B: 'two words', C: '' })
  })

  it('never wins over the real environment, even an empty value of it', () => {
    const files = workspace({ '.env': 'A=file\nB=file\n' })
    const environment = { A: 'real', B: '' }
    const file = new EnvironmentFile(files.path('.env'), environment)
    expect(file.load()).toEqual([])
    expect(environment).toEqual({ A: 'real', B: '' })
    files.write('.env', '')
    file.load()
    expect(environment).toEqual({ A: 'real', B: '' })
  })

  it('updates and removes its own values when it is read again, and tells which', () => {
    const files = workspace({ '.env': 'KEPT=1\nCHANGED=1\nREMOVED=1\n' })
    const environment: NodeJS.ProcessEnv = { OTHER: 'real' }
    const file = new EnvironmentFile(files.path('.env'), environment)
    file.load()
    files.write('.env', 'KEPT=1\nCHANGED=2\nADDED=1\n')
    expect(file.load().toSorted()).toEqual(['ADDED', 'CHANGED', 'REMOVED'])
    expect(environment).toEqual({ OTHER: 'real', KEPT: '1', CHANGED: '2', ADDED: '1' })
  })

  it('takes all its values away when it is deleted, but not one that somebody has set since', () => {
    const files = workspace({ '.env': 'A=1\nB=1\n' })
    const environment: NodeJS.ProcessEnv = {}
    const file = new EnvironmentFile(files.path('.env'), environment)
    file.load()
    environment.B = 'set by the program'
    rmSync(files.path('.env'))
    file.load()
    expect(environment).toEqual({ B: 'set by the program' })
  })

  it('may be missing, may begin with a byte order mark, and may be a folder of something else', () => {
    const files = workspace({ 'marked/.env': '\uFEFFA=1' })
    mkdirSync(files.path('python/.env'), { recursive: true })
    const environment: NodeJS.ProcessEnv = {}
    for (const name of ['nothing/.env', 'marked/.env', 'python/.env']) new EnvironmentFile(files.path(name), environment).load()
    expect(environment).toEqual({ A: '1' })
  })
})
