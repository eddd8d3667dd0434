import { anthropic, openai, protocols, translations } from 'tokligence/plugins'
import { createHarness, memoryLedger, startScriptedUpstream } from 'tokligence/testing'
import { expect, it } from 'vitest'

it('lets the vendor compact a history, meters it, and says that others cannot', async () => {
  const compacted = {
    id: 'resp_c',
    object: 'response.compaction',
    created_at: 1,
    output: [{ id: 'cmp_1', type: 'compaction', encrypted_content: 'gAAAA' }],
    usage: { input_tokens: 5, output_tokens: 2, total_tokens: 7 },
  }
  const upstream = await startScriptedUpstream({ body: compacted })
  const ledger = memoryLedger()
  const gateway = await createHarness({
    plugins: [
      protocols(),
      translations(),
      openai({ apiKey: 'sk-own', baseUrl: `${upstream.url}/v1` }),
      anthropic({ apiKey: 'sk-own', baseUrl: upstream.url }),
      ledger,
    ],
  })
  const ask = async (model: string) => {
    const body = JSON.stringify({ model, input: 'Hi' })
    const answer = await fetch(`${gateway.url}/v1/responses/compact`, { method: 'POST', headers: { 'content-type': 'application/json' }, body })
    return { status: answer.status, body: await answer.json() }
  }
  try {
    expect(await ask('openai/gpt-5')).toEqual({ status: 200, body: compacted })
    expect([upstream.lastRequest.path, upstream.lastRequest.json()]).toEqual(['/v1/responses/compact', { model: 'gpt-5', input: 'Hi' }])
    expect(ledger.records().at(-1)?.usage).toMatchObject({ inputUncached: 5, output: 2 })
    expect(await ask('anthropic/claude')).toMatchObject({ status: 400, body: { error: { code: 'TKL_OPERATION_UNSUPPORTED' } } })
  } finally {
    await gateway.close()
    await upstream.close()
  }
})
