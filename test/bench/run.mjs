/**
 * CPU microseconds per request of the gateway beside a bare undici proxy, in one run: subjects take turns, round by round, and the ratio of their
 * medians is printed. `node test/bench/run.mjs [--rounds 5] [--seconds 2] [--rate 2500] [--json]`. Needs a build.
 */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { parseArgs } from 'node:util'
import { Pool } from 'undici'

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '2' },
    connections: { type: 'string', default: '64' },
    rate: { type: 'string' },
    json: { type: 'boolean', default: false },
  },
})
const rounds = Number(values.rounds)
const milliseconds = Number(values.seconds) * 1_000
const connections = Number(values.connections)

const prompt = 'Explain how a gateway meters tokens. '.repeat(22)
const chatBody = (model, stream) =>
  JSON.stringify({ model, stream, ...(stream && { stream_options: { include_usage: true } }), max_tokens: 100, messages: [{ role: 'user', content: prompt }] })
const messagesBody = (model, stream) => JSON.stringify({ model, stream, max_tokens: 100, messages: [{ role: 'user', content: prompt }] })

const bare = 'bare undici proxy'
const cases = [
  {
    name: 'unary',
    rate: 2_500,
    path: '/v1/chat/completions',
    bodies: { [bare]: chatBody('gpt-5', false), identity: chatBody('gpt-5', false), translated: chatBody('claude-sonnet-4-5', false) },
  },
  {
    name: 'stream of 50',
    rate: 700,
    path: '/v1/chat/completions',
    bodies: { [bare]: chatBody('gpt-5', true), identity: chatBody('gpt-5', true), translated: chatBody('claude-sonnet-4-5', true) },
  },
  {
    name: 'unary, messages',
    rate: 2_500,
    path: '/v1/messages',
    bodies: { [bare]: messagesBody('claude-sonnet-4-5', false), identity: messagesBody('claude-sonnet-4-5', false), translated: messagesBody('gpt-5', false) },
  },
]

async function child(file, ...parameters) {
  const process = fork(new URL(file, import.meta.url), parameters, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
  const [{ port }] = await once(process, 'message')
  return { process, url: `http://127.0.0.1:${port}` }
}

async function cpuOf(subject) {
  subject.process.send('cpu')
  const [{ cpu, rss }] = await once(subject.process, 'message')
  return { microseconds: cpu.user + cpu.system, rss }
}

/** Sends one request; resolves when its answer came whole. */
function send(pool, path, body) {
  return new Promise((resolve, reject) => {
    let status = 0
    pool.dispatch(
      { path, method: 'POST', headers: { 'content-type': 'application/json' }, body },
      {
        onConnect() {},
        onHeaders(code) {
          status = code
          return true
        },
        onData: () => true,
        onComplete: () => (status === 200 ? resolve() : reject(new Error(`status ${status}`))),
        onError: reject,
      },
    )
  })
}

const tick = 4

/**
 * Sends at a fixed rate for a while; answers with how many answers came whole. The rate is the same for every subject: at saturation the slower one
 * would also pay for waking its idle neighbours with every write, which the faster one does not.
 */
async function load(pool, path, body, duration, rate) {
  const started = Date.now()
  const waiting = new Set()
  let sent = 0
  while (Date.now() - started < duration) {
    const due = Math.floor(((Date.now() - started) * rate) / 1_000)
    for (; sent < due && waiting.size < connections; sent++) {
      const answer = send(pool, path, body).finally(() => waiting.delete(answer))
      waiting.add(answer)
    }
    await new Promise((resolve) => setTimeout(resolve, tick))
  }
  await Promise.all(waiting)
  return sent
}

const median = (numbers) => numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)]

const upstream = await child('./upstream.mjs')
const subjects = { [bare]: await child('./bare-proxy.mjs', upstream.url), gateway: await child('./gateway-child.mjs', upstream.url) }
const pools = Object.fromEntries(Object.entries(subjects).map(([name, { url }]) => [name, new Pool(url, { connections })]))
const results = []
for (const { name, path, bodies, rate: usual } of cases) {
  const rate = Number(values.rate ?? usual)
  const measured = Object.fromEntries(Object.keys(bodies).map((subject) => [subject, []]))
  for (let round = -1; round < rounds; round++) {
    for (const [kind, body] of Object.entries(bodies)) {
      const subject = kind === bare ? bare : 'gateway'
      const before = await cpuOf(subjects[subject])
      const whole = await load(pools[subject], path, body, round === -1 ? milliseconds * 1.5 : milliseconds, rate)
      const after = await cpuOf(subjects[subject])
      // The first round warms the process up.
      if (round >= 0) measured[kind].push((after.microseconds - before.microseconds) / whole)
      if (!values.json) process.stderr.write('.')
    }
  }
  const base = median(measured[bare])
  for (const [kind, figures] of Object.entries(measured))
    results.push({
      case: name,
      subject: kind,
      requestsPerSecond: rate,
      cpuMicroseconds: Number(median(figures).toFixed(1)),
      ratio: Number((median(figures) / base).toFixed(2)),
    })
}
const { rss } = await cpuOf(subjects.gateway)
await Promise.all(Object.values(pools).map((pool) => pool.close()))
for (const { process } of [...Object.values(subjects), upstream]) {
  process.disconnect()
  process.kill()
}
if (values.json) console.log(JSON.stringify({ connections, rounds, gatewayRssMegabytes: Math.round(rss / 1e6), results }))
else {
  process.stderr.write('\n')
  console.table(results)
  console.log(`gateway resident memory after the run: ${Math.round(rss / 1e6)} MB; goal: identity at most 1.33, translated at most 2.2`)
}
