import {
  type Attempt,
  type Conversation,
  GatewayError,
  type HookName,
  type PluginApi,
  type PromptPart,
  type Protocol,
  parseJsonObject,
  type RequestContext,
  type RequestRecord,
  type UpstreamRequest,
} from 'tokligence'
import { type BothPrompts, type BrokenPrefix, brokenPrefix, type Culprit, changingHooks, type LookedAt, lossOf, messageOf } from './broken-prefix.ts'
import { fingerprint, shortened } from './fingerprint.ts'
import type { History, HistoryLimits, Remembered } from './history.ts'
import { lostTokens, promptTokens } from './lost-tokens.ts'

export interface WatchLimits extends HistoryLimits {
  readonly parts: number
  readonly leastTokens: number
  readonly largestBody: number
}

type Body = UpstreamRequest['body']

/** What was noticed of a request on its way to a provider. */
interface Noticed {
  attempt?: Attempt
  /** Before other plugins changed it. */
  conversation?: Conversation
  body?: Body
  readonly changedBy: Set<HookName>
  looking?: Promise<Findings | undefined>
  /** False until it has been looked at. */
  findings: Findings | undefined | false
}

interface Findings {
  readonly scope: string
  readonly prompts: BothPrompts
  readonly before: Remembered | undefined
  readonly broken: BrokenPrefix | undefined
}

/** Compares the prompt of each request with the one that it goes on from. On the way to the provider it takes references only. */
export class PrefixWatch {
  readonly #api: PluginApi
  readonly #history: History
  readonly #limits: WatchLimits
  readonly #noticed = new WeakMap<RequestContext, Noticed>()

  constructor(api: PluginApi, history: History, limits: WatchLimits) {
    this.#api = api
    this.#history = history
    this.#limits = limits
  }

  beforeTranslation(conversation: Conversation, context: RequestContext): void {
    if (context.operation === 'generate') this.#noticed.set(context, { conversation, changedBy: new Set(), findings: false })
  }

  afterTranslation(conversation: Conversation, context: RequestContext): void {
    const noticed = this.#noticed.get(context)
    if (noticed && noticed.conversation !== conversation) noticed.changedBy.add('modifyTranslated')
  }

  beforeSending({ body }: UpstreamRequest, attempt: Attempt, context: RequestContext): void {
    if (context.operation !== 'generate') return
    const known = this.#noticed.get(context)
    // Every attempt has changes of its own.
    const changedBy = known && !known.attempt && attempt.path === 'translated' ? known.changedBy : new Set<HookName>()
    this.#noticed.set(context, { attempt, body, changedBy, findings: false })
  }

  /** The work is done in a later turn of the event loop, while the provider has the request. */
  afterChanges({ body }: UpstreamRequest, context: RequestContext): void {
    const noticed = this.#noticed.get(context)
    const { attempt } = noticed ?? {}
    if (!noticed || !attempt) return
    if (noticed.body !== body) noticed.changedBy.add('modifyUpstream')
    noticed.looking = new Promise((resolve) => {
      setImmediate(() => {
        noticed.findings = this.#look(body, attempt, context)
        resolve(noticed.findings)
      })
    })
  }

  /** The record with what a broken prefix cost. */
  judge(record: RequestRecord, context: RequestContext): RequestRecord | Promise<RequestRecord> {
    const noticed = this.#noticed.get(context)
    if (!noticed) return record
    const { findings, looking } = noticed
    if (findings === false && looking) return looking.then((found) => this.#judge(record, context, noticed, found))
    return this.#judge(record, context, noticed, findings || undefined)
  }

  /** What was answered is what the next request is compared with. */
  #judge(record: RequestRecord, context: RequestContext, { attempt: sent, changedBy }: Noticed, findings: Findings | undefined): RequestRecord {
    const attempt = context.attempts.at(-1)
    // What the provider refused, it has not read.
    if (!findings || attempt?.opened.id !== sent?.opened.id || !isAnswered(attempt)) return record
    const { scope, prompts, before, broken } = findings
    const answered: Remembered = {
      scope,
      asked: shortened(prompts.asked.print, this.#limits.parts),
      sent: shortened(prompts.sent.print, this.#limits.parts),
      at: Date.now(),
      usage: attempt.closed?.usage,
      estimatedInput: attempt.estimatedInput,
      changedBy: [...changedBy],
      warned: before?.warned ?? new Set(),
    }
    this.#history.remember(answered, this.#limits, before)
    if (!before || !broken || promptTokens(before) < this.#limits.leastTokens) return record
    const tokens = lostTokens(before, broken.part, attempt.closed?.usage)
    if (tokens === 0) return record
    const culprit = this.#culprit(broken, before, answered, attempt)
    this.#tell(broken, culprit, tokens, attempt, context, answered.warned)
    return { ...record, losses: [...record.losses, lossOf(broken, culprit, tokens)] }
  }

  #look(body: Body, attempt: Attempt, context: RequestContext): Findings | undefined {
    try {
      return this.#compare(body, attempt, context)
    } catch (error) {
      // What is no JSON, the provider refuses.
      const level = GatewayError.is(error, 'TKL_REQUEST_JSON') ? 'debug' : 'warn'
      this.#api.logger[level]({ requestId: context.requestId, error }, 'a prompt could not be compared with the one before; the request goes on')
      return undefined
    }
  }

  #compare(body: Body, { opened, path }: Attempt, context: RequestContext): Findings | undefined {
    const { registry } = this.#api
    const identity = path === 'identity'
    const asked = this.#read(registry.find('protocol', context.protocol), context.body)
    const sent = identity && isSameBody(body, context.body) ? asked : this.#read(registry.find('protocol', opened.protocol), body)
    if (!sent || (!asked && identity)) return undefined
    const { account } = registry.get('provider', opened.provider)
    const scope = JSON.stringify([context.principal?.id ?? null, opened.provider, account, opened.protocol, opened.model, context.protocol, !asked])
    // Where the caller names the reply before instead of its turns, the gateway has put them in.
    const prompts: BothPrompts = { asked: asked ?? sent, sent, identity, completed: !asked }
    const before = this.#history.find(scope, prompts.asked.print, this.#limits.within)
    return { scope, prompts, before, broken: before && brokenPrefix(before, prompts) }
  }

  #read(protocol: Protocol | undefined, body: Body): LookedAt | undefined {
    if (!protocol?.promptParts || body === null) return undefined
    if (body.length > this.#limits.largestBody) {
      this.#api.logger.debug({ bytes: body.length }, 'a body is too large to be compared with the one before')
      return undefined
    }
    const parts = protocol.promptParts(parseJsonObject(Buffer.isBuffer(body) ? body : Buffer.from(body)))
    return parts && lookAt(parts)
  }

  #culprit({ brokenBy }: BrokenPrefix, before: Remembered, answered: Remembered, { path, opened }: Attempt): Culprit {
    const translation = path === 'translated' ? { from: opened.callerProtocol, to: opened.protocol } : undefined
    if (brokenBy !== 'gateway') return { brokenBy, plugins: [], translation }
    const changed = new Set([...before.changedBy, ...answered.changedBy])
    const plugins = changingHooks.flatMap((hook) => (this.#sees(hook) && !changed.has(hook) ? [] : this.#others(hook)))
    return { brokenBy, plugins: [...new Set(plugins)], translation }
  }

  /** Only what the others change behind this plugin's first tap can be seen to change. */
  #sees(hook: HookName): boolean {
    return this.#api.tappedBy(hook)[0] === this.#api.id
  }

  #others(hook: HookName): readonly string[] {
    return this.#api.tappedBy(hook).filter((id) => id !== this.#api.id)
  }

  #tell(broken: BrokenPrefix, culprit: Culprit, tokens: number, { opened }: Attempt, { requestId }: RequestContext, warned: Set<string>): void {
    const { path, brokenBy } = broken
    const known = `${brokenBy} ${culprit.plugins.join()} ${path}`
    const level = warned.has(known) ? 'debug' : 'warn'
    warned.add(known)
    const { plugins } = culprit
    const fields = { requestId, provider: opened.provider, model: opened.model, path, brokenBy, ...(plugins.length > 0 && { plugins }), tokens }
    this.#api.logger[level](fields, messageOf(broken, culprit, tokens))
  }
}

function lookAt(parts: readonly PromptPart[]): LookedAt {
  return { print: fingerprint(parts), paths: parts.map(({ path }) => path) }
}

function isSameBody(body: Body, own: Buffer): boolean {
  return body === own || (Buffer.isBuffer(body) && body.equals(own))
}

function isAnswered(attempt: Attempt | undefined): attempt is Attempt {
  const status = attempt?.closed?.status
  return status !== undefined && status < 300
}
