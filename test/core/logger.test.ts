import { describe, expect, it } from 'vitest'
import { createLogger, redactText } from '../../core/logger.ts'
import { Secret } from '../../core/secret.ts'

function logged(write: (logger: ReturnType<typeof createLogger>) => void): string {
  const lines: string[] = []
  write(createLogger({ level: 'trace', format: 'json', destination: { write: (line) => void lines.push(line) } }))
  return lines.join('')
}

const key = 'sk-proj-abcdefghijklmnopqrstuvwx'

describe('the log', () => {
  it.each(['authorization', 'x-api-key', 'x-goog-api-key', 'cookie', 'x-tokligence-key', 'apiKey', 'password'])(
    'takes the value out of a field called %s, at any of three depths',
    (name) => {
      const text = logged((logger) => {
        logger.info({ [name]: key }, 'flat')
        logger.info({ headers: { [name]: key } }, 'nested')
        logger.info({ request: { headers: { [name]: key } } }, 'deep')
      })
      expect(text).not.toContain(key)
      expect(text.match(/\[redacted\]/g)).toHaveLength(3)
    },
  )

  it('takes keys out of messages, error messages, stacks and causes', () => {
    const text = logged((logger) => {
      logger.info(`called with Bearer ${key}`)
      logger.error({ error: new Error(`bad key ${key}`, { cause: new Error(`https://host/path?key=${key}&x=1`) }) }, 'failed')
    })
    expect(text).not.toContain(key)
    expect(text).toContain('x=1')
  })

  it('prints a Secret as [secret], whatever way it is printed', () => {
    const secret = new Secret(key)
    const text = logged((logger) => logger.info({ options: { key: secret } }, `${secret}`))
    expect(text).not.toContain(key)
    expect(JSON.stringify({ secret })).toBe('{"secret":"[secret]"}')
    expect(secret.reveal()).toBe(key)
  })

  it.each(['AIzaSyA1234567890abcdefghijklmnopqrstuv', 'tk-0123456789abcdef0123', key])('knows %s for a key in free text', (value) => {
    expect(redactText(`x ${value} y`)).toBe('x [redacted] y')
  })

  it('leaves ordinary text alone', () => {
    expect(redactText('the key to the task is a token')).toBe('the key to the task is a token')
  })
})
