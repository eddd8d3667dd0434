import { cpSync, mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type FileWatch, watchFiles } from '../../../core/cli/file-watch.ts'

let folder: string
let told: string[]
let files: FileWatch

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tokligence-watch-'))
  told = []
})

afterEach(async () => {
  await files.close()
  rmSync(folder, { recursive: true, force: true })
})

const events = {
  onChange: (paths: readonly string[]) => told.push(...paths),
  onError: (error: unknown) => told.push(String(error)),
}

/** As formatters, `sed -i` and `git checkout` save: another file takes the name. */
function replace(path: string, text: string): void {
  writeFileSync(`${path}.new`, text)
  renameSync(`${path}.new`, path)
}

function replaceTimes(path: string, times: number): void {
  for (let time = 1; time <= times; time++) replace(path, `replaced ${time}`)
}

async function toldOnce(path: string): Promise<void> {
  await expect.poll(() => told, { timeout: 3_000 }).toEqual([path])
  await sleep(200)
  expect(told).toEqual([path])
  told.length = 0
}

describe('watchFiles', () => {
  it.each([
    ['two replacements', (path: string) => replaceTimes(path, 2)],
    ['five replacements', (path: string) => replaceTimes(path, 5)],
    [
      'a copy and a replacement',
      (path: string) => {
        writeFileSync(`${path}.source`, 'copied')
        cpSync(`${path}.source`, path)
        replace(path, 'replaced')
      },
    ],
    [
      'a removal and a new file',
      (path: string) => {
        rmSync(path)
        writeFileSync(path, 'new')
        replace(path, 'replaced')
      },
    ],
  ])('goes on watching after %s within a few milliseconds', async (_title, save) => {
    const [first, second] = [join(folder, 'first.ts'), join(folder, 'second.ts')]
    for (const path of [first, second]) writeFileSync(path, '')
    files = await watchFiles([first, second], events)
    for (let round = 0; round < 2; round++) {
      save(first)
      await toldOnce(first)
    }
    writeFileSync(first, 'written in place')
    await toldOnce(first)
    replace(second, 'another one')
    await toldOnce(second)
  })

  it('goes on watching after replacements that are a few milliseconds apart', async () => {
    const path = join(folder, 'gateway.config.ts')
    writeFileSync(path, '')
    files = await watchFiles([path], events)
    for (const pause of [1, 3, 4, 6]) {
      writeFileSync(path, `written before ${pause}`)
      await sleep(pause)
      replace(path, `replaced after ${pause}`)
      await toldOnce(path)
    }
  })

  it('tells of a file that appears, vanishes and comes back, its folder too', async () => {
    const inside = join(folder, 'inside')
    const path = join(inside, '.env')
    mkdirSync(inside)
    files = await watchFiles([path], events)
    writeFileSync(path, 'A=1')
    await toldOnce(path)
    rmSync(inside, { recursive: true })
    await toldOnce(path)
    mkdirSync(inside)
    writeFileSync(path, 'A=1')
    await toldOnce(path)
    replace(path, 'A=2')
    await toldOnce(path)
  })

  it('watches what a link leads to', async () => {
    const [target, link] = [join(folder, 'target.ts'), join(folder, 'link.ts')]
    writeFileSync(target, '')
    symlinkSync(target, link)
    files = await watchFiles([link], events)
    writeFileSync(target, 'changed')
    await toldOnce(link)
    replace(target, 'replaced')
    await toldOnce(link)
  })

  it('follows other files from the next call on, and no longer the ones before', async () => {
    const [first, second] = [join(folder, 'first.ts'), join(folder, 'second.ts')]
    for (const path of [first, second]) writeFileSync(path, '')
    files = await watchFiles([first], events)
    files.follow([second])
    await sleep(100)
    writeFileSync(first, 'changed')
    writeFileSync(second, 'changed')
    await toldOnce(second)
    files.follow([first, second])
    await sleep(100)
    replace(first, 'changed again')
    replace(first, 'and again')
    await toldOnce(first)
  })
})
