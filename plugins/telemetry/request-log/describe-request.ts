import { type Loss, type RequestContext, totalInput } from 'tokligence'

/** `warn` for what the caller did wrong, `error` for what we or a provider did; also when it went wrong after a status of 200. */
export function severityOf({ status, error }: RequestContext): 'info' | 'warn' | 'error' {
  const worst = Math.max(status ?? 0, error?.status ?? 0)
  if (worst >= 500) return 'error'
  return worst >= 400 ? 'warn' : 'info'
}

/** Callers choose the names of models. */
const longestName = 200

/** What the log line says. Headers, query and bodies are left out: they hold keys and people's words. */
export function describeRequest(context: RequestContext): Readonly<Record<string, string | number | boolean>> {
  const { requestId, method, path, model, status, error, usage, losses, principal } = context
  const last = context.attempts.at(-1)
  const ending = last?.closed?.ending
  const input = usage && totalInput(usage)
  return {
    requestId,
    method,
    path,
    ...(principal && { principal: principal.id }),
    ...(model !== '' && { model: model.slice(0, longestName) }),
    ...(last && { provider: last.target.provider, attempts: context.attempts.length }),
    ...(last && last.target.model !== model && { upstreamModel: last.target.model.slice(0, longestName) }),
    ...(status !== undefined && { status }),
    ...(ending !== undefined && { ending }),
    ...(error && { error: error.code }),
    durationMs: Date.now() - context.startedAt,
    ...(input !== undefined && { inputTokens: input }),
    ...(usage?.output !== undefined && { outputTokens: usage.output }),
    ...(usage?.source === 'estimated' && { estimated: true }),
    ...namesOf(losses, 'semantic', 'semanticLosses'),
    ...namesOf(losses, 'hint', 'hintLosses'),
  }
}

function namesOf(losses: readonly Loss[], severity: Loss['severity'], member: string): Readonly<Record<string, string>> {
  const features = new Set(losses.filter((loss) => loss.severity === severity).map(({ feature }) => feature))
  return features.size === 0 ? {} : { [member]: [...features].join(', ') }
}
