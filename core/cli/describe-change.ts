import type { ResolvedConfig } from '../config/define.ts'

/** What differs between two configurations, one line each; nothing when only options of plugins can differ, which plugins keep to themselves. */
export function describeChange(before: ResolvedConfig, after: ResolvedConfig): string[] {
  const was = pluginNames(before)
  const is = pluginNames(after)
  return [
    ...is.filter((name) => !was.includes(name)).map((name) => `+ ${name}`),
    ...was.filter((name) => !is.includes(name)).map((name) => `- ${name}`),
    ...changedSettings(before, after),
  ]
}

function pluginNames({ plugins }: ResolvedConfig): string[] {
  return plugins.map(({ kind, id }) => `${kind}/${id}`)
}

function changedSettings(before: ResolvedConfig, after: ResolvedConfig): string[] {
  const { plugins: _before, ...was } = before
  const { plugins: _after, ...is } = after
  return (Object.keys(is) as (keyof typeof is)[]).flatMap((name) => {
    const [from, to] = [JSON.stringify(was[name]), JSON.stringify(is[name])]
    return from === to ? [] : [`${name}: ${from} → ${to}${name === 'log' ? ' (after a restart)' : ''}`]
  })
}
