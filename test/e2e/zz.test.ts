import { it } from 'vitest'
import { ownRecording } from '../support/recordings.ts'
import { playRecording } from '../support/scripted-upstream.ts'
import { plainText } from './conversations.ts'
import { endpointOf, paths, startTwoVendors } from './two-vendors.ts'
it('x', async () => {
  const gateway = await startTwoVendors()
  const path = paths[2]!
  const recording = ownRecording(path.upstream, 'text')
  const at = recording.body.lastIndexOf('\n\n', recording.body.indexOf('event: message_delta')) + 2
  gateway.upstream.always(playRecording(recording, { cutAfter: at, ending: 'hang' }))
  const t0 = performance.now()
  await Promise.all(Array.from({ length: Number(process.env.N ?? 40) }, async () => {
    const controller = new AbortController()
    const reply = await fetch(gateway.url + endpointOf(path.caller), { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ ...plainText[path.caller], model: path.model, stream: true }), signal: controller.signal })
    await reply.body?.getReader().read()
    controller.abort()
  }))
  console.log('asked', performance.now() - t0)
  while (gateway.ledger.records().length < Number(process.env.N ?? 40)) await new Promise((r) => setTimeout(r, 2))
  console.log('rows', performance.now() - t0)
  const t1 = performance.now()
  setTimeout(() => { for (const h of (process as any)._getActiveHandles()) { if (h.constructor.name === 'Socket' && h.remotePort) console.log('socket', h.localPort, '->', h.remotePort, { destroyed: h.destroyed, ended: h.readableEnded, wEnded: h.writableEnded, wLen: h.writableLength, server: !!h.server, http: h._httpMessage?.constructor.name, flowing: h.readableFlowing }) } console.log('gw', gateway.url, 'up', gateway.upstream.url) }, 1000)
  await gateway.gateway.close()
  console.log('gateway close', performance.now() - t1)
  const t2 = performance.now()
  await gateway.upstream.close()
  console.log('upstream close', performance.now() - t2)
})
