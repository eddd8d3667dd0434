import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { configNames } from '../../config/find.ts'
import type { CommandContext } from '../command.ts'
import { styled } from '../command-io.ts'
import { exitCodes } from '../exit-codes.ts'
import { presetOf } from '../preset.ts'

const environmentName = '.env.example'

export async function init({ io, hostModules, options }: CommandContext): Promise<number> {
  const { starterConfig, starterEnvironment } = presetOf(hostModules)
  const [configName] = configNames
  const present = [...configNames, environmentName].filter((name) => existsSync(join(io.cwd, name)))
  if (present.length > 0 && options.force !== true) {
    const message = `tokligence: ${present.join(' and ')} ${present.length === 1 ? 'is' : 'are'} here already, and nothing was written.`
    io.stderr.write(`${styled(io, io.stderr, 'red', message)}\nTo overwrite: tokligence init --force\n`)
    return exitCodes.failure
  }
  writeFileSync(join(io.cwd, configName), starterConfig)
  writeFileSync(join(io.cwd, environmentName), starterEnvironment)
  io.stdout.write(`Wrote ${configName} and ${environmentName}. Next:\n\n  cp ${environmentName} .env      # and put your keys into it\n  npx tokligence dev\n`)
  return exitCodes.ok
}
