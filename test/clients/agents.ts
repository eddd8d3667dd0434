import { spawn } from 'node:child_process'
import { accessSync, constants, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'

/** A place to work in, which an agent keeps its conversation in, too. */
export interface AgentHome {
  readonly folder: string
  close(): void
}

export interface AgentRun {
  /** The gateway, without a slash at its end. */
  readonly url: string
  readonly model: string
  readonly prompt: string
  /** Goes on with the conversation before. */
  readonly resumed: boolean
  readonly home: AgentHome
}

/** Runs an agent without a terminal, and resolves with its last answer. Rejects with what it printed when it fails. */
export type Agent = (run: AgentRun) => Promise<string>

export function openHome(): AgentHome {
  const folder = mkdtempSync(join(tmpdir(), 'tokligence-agent-'))
  for (const name of ['home', 'work']) mkdirSync(join(folder, name))
  return { folder, close: () => rmSync(folder, { recursive: true, force: true, maxRetries: 3 }) }
}

/** Where the programs are looked for: `TOKLIGENCE_CLIENTS` is a list of folders like `PATH`, and comes before it. */
export function searchedFolders({ TOKLIGENCE_CLIENTS: own, PATH: path }: NodeJS.ProcessEnv = process.env): readonly string[] {
  return [own, path].flatMap((list) => list?.split(delimiter) ?? []).filter((folder) => folder !== '')
}

/** The path of a program; undefined when it is not installed. */
export function findProgram(name: string, folders = searchedFolders()): string | undefined {
  return folders.map((folder) => join(folder, name)).find(isExecutable)
}

/** Codex, with the gateway as a provider of its own (`model_providers`). */
export const codex: Agent = async ({ url, model, prompt, resumed, home: { folder } }) => {
  const answer = join(folder, 'answer.txt')
  const settings = [
    'model_provider=gateway',
    'model_providers.gateway.name="gateway"',
    `model_providers.gateway.base_url="${url}/v1"`,
    'model_providers.gateway.env_key="GATEWAY_KEY"',
    'model_providers.gateway.wire_api="responses"',
    'model_providers.gateway.request_max_retries=0',
    'model_providers.gateway.stream_max_retries=0',
    'analytics.enabled=false',
    'check_for_update_on_startup=false',
  ]
  const common = ['--skip-git-repo-check', '--dangerously-bypass-approvals-and-sandbox', '-m', model, ...settings.flatMap((setting) => ['-c', setting])]
  const command = resumed ? ['exec', 'resume', '--last'] : ['exec']
  await run('codex', [...command, ...common, '-o', answer, prompt], folder, { CODEX_HOME: join(folder, 'home'), GATEWAY_KEY: 'unused' })
  return readFileSync(answer, 'utf8')
}

/** Claude Code, which takes the gateway for Anthropic's API. */
export const claudeCode: Agent = ({ url, model, prompt, resumed, home: { folder } }) =>
  run('claude', ['-p', prompt, '--model', model, '--dangerously-skip-permissions', ...(resumed ? ['--continue'] : [])], folder, {
    HOME: join(folder, 'home'),
    CLAUDE_CONFIG_DIR: join(folder, 'home', '.claude'),
    IS_SANDBOX: '1',
    ANTHROPIC_BASE_URL: url,
    ANTHROPIC_API_KEY: 'unused',
    CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
    CLAUDE_CODE_MAX_RETRIES: '0',
    DISABLE_AUTOUPDATER: '1',
    DISABLE_TELEMETRY: '1',
  })

async function run(name: string, flags: readonly string[], folder: string, environment: Readonly<Record<string, string>>): Promise<string> {
  const program = findProgram(name)
  if (program === undefined) throw new Error(`${name} is not installed.`)
  const { CLAUDECODE: _, CLAUDE_CODE_ENTRYPOINT: __, ...own } = process.env
  const child = spawn(program, flags, { cwd: join(folder, 'work'), env: { ...own, ...environment }, stdio: ['ignore', 'pipe', 'pipe'] })
  const output = { stdout: '', stderr: '' }
  for (const stream of ['stdout', 'stderr'] as const)
    child[stream].setEncoding('utf8').on('data', (text: string) => {
      output[stream] += text
    })
  const timer = setTimeout(() => child.kill('SIGKILL'), 90_000)
  const code = await new Promise((resolve, reject) => child.once('close', resolve).once('error', reject)).finally(() => clearTimeout(timer))
  if (code !== 0) throw new Error(`${name} ended with ${String(code)}:\n${output.stderr}\n${output.stdout}`)
  return output.stdout
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}
