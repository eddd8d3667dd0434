import { definePlugin, GatewayError, type HookName, hookTable, type PluginApi } from 'tokligence'
import { afterEach, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { ownRecording } from '../support/recordings.ts'
import { playRecording } from '../support/scripted-upstream.ts'
import { read, readRecording } from '../support/sdk-readings.ts'
import { carried } from './carried-meaning.ts'
import { plainText } from './conversations.ts'
import { dialects } from './dialects/index.ts'
import { ask as askFields, eventually, type Path, paths, post, requestOn, startVendors, type Vendors } from './vendors.ts'

let gateway: Vendors

afterEach(() => gateway.close())

const cases = paths.flatMap((path) => [false, true].map((stream) => ({ path, stream })))

function plugin(setup: (api: PluginApi) => void) {
  return definePlugin({ kind: 'detector', name: 'watcher', apiVersion: 1, options: z.strictObject({}), setup })()
}

async function start(setup: (api: PluginApi) => void): Promise<void> {
  gateway = await startVendors({ extra: [plugin(setup)] })
}

function play(path: Path, stream: boolean, name = 'text') {
  const recording = ownRecording(path.upstream, stream ? name : `${name}-unary`)
  gateway.upstream.reply(playRecording(recording))
  return recording
}

function ask(path: Path, stream: boolean): Promise<Response> {
  return askFields(gateway.url, path.caller, request(path, stream))
}

function request({ caller, model }: Path, stream: boolean) {
  return { ...plainText[caller], model, stream }
}

/** Taps every hook there is, changes nothing, and notes what was called in which order. */
function watchAll(api: PluginApi, calls: HookName[]): void {
  const note = (name: HookName) => void calls.push(name)
  const passing = <T>(name: HookName, value: T): T => {
    note(name)
    return value
  }
  const { hooks } = api
  hooks.onReady.tap(() => note('onReady'))
  hooks.resolvePrincipal.tap(() => passing('resolvePrincipal', { id: 'watched' }))
  hooks.guardRequest.tap(() => void note('guardRequest'))
  hooks.modifyConversation.tap((conversation) => passing('modifyConversation', conversation))
  hooks.guardConversation.tap(() => void note('guardConversation'))
  hooks.resolveRoute.tap(() => void note('resolveRoute'))
  hooks.modifyRoute.tap((plan) => passing('modifyRoute', plan))
  hooks.guardAttempt.tap(() => void note('guardAttempt'))
  hooks.modifyUpstream.tap((request) => passing('modifyUpstream', request))
  hooks.modifyTranslated.tap((conversation) => passing('modifyTranslated', conversation))
  hooks.onTranslatedReply.tap(() => note('onTranslatedReply'))
  hooks.onAttempt.tap(() => note('onAttempt'))
  hooks.resolveRetry.tap(() => void note('resolveRetry'))
  hooks.openReply.tap(() => {
    note('openReply')
    return { event: (event, emit) => emit(event) }
  })
  hooks.guardReply.tap(() => void note('guardReply'))
  hooks.modifyCharge.tap((record) => passing('modifyCharge', { ...record, cost: 5, currency: 'USD' }))
  hooks.onMeter.tap(() => note('onMeter'))
  hooks.onRequestEnd.tap(() => note('onRequestEnd'))
  hooks.onError.tap(() => note('onError'))
}

const onFailureOnly: readonly HookName[] = ['resolveRetry', 'onError']
const whenTranslated: readonly HookName[] = ['modifyTranslated', 'onTranslatedReply']
const onSuccess = (Object.keys(hookTable) as HookName[]).filter((name) => !onFailureOnly.includes(name))

describe('every hook', () => {
  it.each(cases)('runs once for a request that goes well ($path.name, streamed: $stream)', async ({ path, stream }) => {
    const calls: HookName[] = []
    await start((api) => watchAll(api, calls))
    const recording = play(path, stream)
    const meaning = await read(path.caller, gateway.url, requestOn(path, stream, plainText[path.caller]))
    await eventually(() => (calls.includes('onRequestEnd') && calls.includes('onMeter') ? true : undefined))
    const due = onSuccess.filter((name) => path.caller !== path.upstream || !whenTranslated.includes(name))
    expect([...calls].sort()).toEqual([...due].sort())
    const ordered: HookName[] = ['onReady', 'resolvePrincipal', 'guardRequest', 'modifyConversation', 'guardConversation', 'resolveRoute', 'modifyRoute']
    expect(calls.slice(0, ordered.length)).toEqual(ordered)
    expect(calls.indexOf('guardAttempt')).toBeLessThan(calls.indexOf('modifyUpstream'))
    expect(calls.indexOf('guardReply')).toBeLessThan(calls.indexOf('onAttempt'))
    expect(calls.indexOf('onAttempt')).toBeLessThan(calls.indexOf('modifyCharge'))
    const { heard, expected } = carried(path, meaning, await readRecording(recording))
    expect(heard).toEqual(expected)
    expect(gateway.ledger.records()).toMatchObject([{ principal: 'watched', cost: 5, currency: 'USD' }])
  })

  it.each(cases)('for failures runs when the vendor refuses ($path.name, streamed: $stream)', async ({ path, stream }) => {
    const calls: HookName[] = []
    await start((api) => watchAll(api, calls))
    gateway.upstream.reply(playRecording(ownRecording(path.upstream, 'error-429')))
    const reply = await ask(path, stream)
    expect(reply.status).toBe(429)
    await eventually(() => (calls.includes('onRequestEnd') ? true : undefined))
    expect(calls.filter((name) => name === 'resolveRetry')).toHaveLength(1)
    expect(calls.filter((name) => name === 'onAttempt')).toHaveLength(1)
    expect(calls).toContain('onError')
  })

  it.each(paths)('for failures runs when the vendor fails in the middle of a stream ($name)', async (path) => {
    const calls: HookName[] = []
    await start((api) => watchAll(api, calls))
    gateway.upstream.reply(playRecording(ownRecording(path.upstream, 'error-mid-stream'), { pieceBytes: 200, delay: 1 }))
    await (await ask(path, true)).text()
    await eventually(() => (calls.includes('onRequestEnd') ? true : undefined))
    expect(calls).not.toContain('resolveRetry')
    expect(calls).toContain('onError')
  })
})

describe('a detector that only reads', () => {
  it.each(cases)('changes no byte ($path.name, streamed: $stream)', async ({ path, stream }) => {
    const seen: string[] = []
    await start((api) => {
      api.hooks.guardConversation.tap((conversation) => void seen.push(`${conversation.turns.length} turns`))
      api.hooks.modifyConversation.tap((conversation) => conversation)
      api.hooks.onMeter.tap(() => undefined)
    })
    const recording = play(path, stream)
    const body = dialects[path.caller].oddBody(path.model, stream)
    const reply = await post(gateway.url, { protocol: path.caller, model: path.model, stream }, body)
    const text = await reply.text()
    expect(seen).toEqual(['1 turns'])
    if (path.caller !== path.upstream) return
    expect(gateway.upstream.lastRequest.body.toString()).toBe(body)
    expect(text).toBe(recording.body.toString())
  })
})

describe('a hook that acts', () => {
  it.each(cases)('guards before anything is sent ($path.name, streamed: $stream)', async ({ path, stream }) => {
    await start((api) => {
      api.hooks.guardAttempt.tap(() => new GatewayError('TKL_REQUEST_REFUSED', 'Over budget.'))
    })
    const reply = await ask(path, stream)
    expect([reply.status, (await reply.text()).includes('Over budget.')]).toEqual([403, true])
    expect(gateway.upstream.requests).toEqual([])
    expect(gateway.ledger.records()).toMatchObject([{ ending: 'rejected', errorCode: 'TKL_REQUEST_REFUSED' }])
  })

  it.each(cases)('answers with a reply of its own in the caller’s protocol ($path.name, streamed: $stream)', async ({ path, stream }) => {
    await start((api) => {
      api.hooks.guardConversation.tap(() => ({ reply: { candidates: [{ blocks: [{ type: 'text', text: 'From the cache.' }], finish: { reason: 'stop' } }] } }))
    })
    const meaning = await read(path.caller, gateway.url, request(path, stream))
    expect(meaning).toMatchObject({ text: 'From the cache.', finish: 'stop' })
    expect(gateway.upstream.requests).toEqual([])
    expect(gateway.ledger.records()).toMatchObject([{ path: 'local', ending: 'complete', status: 200 }])
  })

  it.each(cases)('rewrites the conversation ($path.name, streamed: $stream)', async ({ path, stream }) => {
    await start((api) => {
      api.hooks.modifyConversation.tap((conversation) => ({ ...conversation, instructions: [{ type: 'text', text: 'Be brief.' }], instructionsForm: 'text' }))
    })
    play(path, stream)
    const reply = await ask(path, stream)
    expect([reply.status, gateway.upstream.refusals]).toEqual([200, []])
    expect(gateway.upstream.lastRequest.body.toString()).toContain('Be brief.')
  })

  it.each(cases)('redacts across the borders of pieces ($path.name, streamed: $stream)', async ({ path, stream }) => {
    await start((api) => {
      api.hooks.openReply.tap(() => {
        let held = ''
        let index = 0
        return {
          event(event, emit) {
            if (event.type === 'block-start' && event.block.type === 'text') {
              held = event.block.text
              index = event.index
              emit({ ...event, block: { ...event.block, text: '' } })
            } else if (event.type === 'block-delta' && event.delta.type === 'text') held += event.delta.text
            else if (event.type === 'block-end' && event.index === index) {
              emit({ type: 'block-delta', index, delta: { type: 'text', text: held.replace('Zürich', '[city]') } })
              emit(event)
            } else emit(event)
          },
        }
      })
    })
    play(path, stream)
    const meaning = await read(path.caller, gateway.url, request(path, stream))
    expect(meaning.text).toBe('Grüße aus [city], 你好 👋🏽 — done.')
  })

  it.each(cases)('retries elsewhere, in another protocol if need be ($path.name, streamed: $stream)', async ({ path, stream }) => {
    const other = paths.find(({ caller, upstream }) => caller === path.caller && upstream !== path.upstream) as Path
    await start((api) => {
      api.hooks.resolveRetry.tap((attempt) => (attempt.opened.sequence === 0 ? { target: { provider: other.provider, model: other.model } } : undefined))
    })
    gateway.upstream.reply(playRecording(ownRecording(path.upstream, 'error-429')), playRecording(ownRecording(other.upstream, stream ? 'text' : 'text-unary')))
    const meaning = await read(path.caller, gateway.url, request(path, stream))
    expect(meaning.text).toBe('Grüße aus Zürich, 你好 👋🏽 — done.')
    expect(gateway.upstream.requests).toHaveLength(2)
    expect(gateway.ledger.records()).toMatchObject([{ attempts: 2, ending: 'complete', upstreamProtocol: other.upstream }])
    expect(gateway.ledger.attempts().map(({ closed }) => closed?.ending)).toEqual(['upstream-error', 'complete'])
  })
})
