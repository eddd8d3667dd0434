import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'
import { bundleChild } from './bundle-child.ts'

interface Report {
  readonly reloads: number
  readonly generation: number
  readonly sent: number
  readonly failed: number
  readonly counted: number
  readonly before: { readonly heap: number; readonly handles: number }
  readonly after: { readonly heap: number; readonly handles: number }
}

it('reloads 1,000 times under load without failing a request, growing the heap, or forgetting a limiter’s count', { timeout: 240_000 }, async () => {
  const child = await bundleChild(fileURLToPath(new URL('./reload-child.ts', import.meta.url)))
  const { stdout } = await promisify(execFile)(process.execPath, ['--expose-gc', child, '1000'], { maxBuffer: 10_000_000 })
  const report = JSON.parse(stdout.trim().split('\n').at(-1) ?? '{}') as Report
  console.info(`reload: ${JSON.stringify(report)}`)
  expect(report.generation).toBe(1_001)
  expect(report.failed).toBe(0)
  expect(report.sent).toBeGreaterThan(1_000)
  // Every request was counted by one counter, over all generations.
  expect(report.counted).toBe(report.sent)
  expect(report.after.heap).toBeLessThan(report.before.heap * 1.1 + 1_000_000)
  // Sockets of the load come and go by a few; a handle left behind by each reload would be hundreds.
  expect(report.after.handles).toBeLessThan(report.before.handles + 10)
})
