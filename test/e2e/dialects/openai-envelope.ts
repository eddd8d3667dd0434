import { APIError } from 'openai'
import { type Fields, isObject } from '../../support/json-fields.ts'

/** What the vendor's two protocols have in common: openai@6.49.0/core/error.d.ts. */
export const openaiEnvelope = {
  login: { authorization: 'Bearer sk-caller' },
  vendorError: (_status: number, type: string, message: string) => ({ error: { message, type, param: null, code: null } }),
  errorTypes: { invalid: 'invalid_request_error', notFound: 'not_found_error', unauthorized: 'authentication_error' },
  errorType: (value: unknown) => errorOf(value).type,
  isToldError: (thrown: unknown) => thrown instanceof APIError,
  envelopeFaults(value: unknown): string[] {
    const error = errorOf(value)
    const faults = typeof error.message === 'string' && error.message !== '' && typeof error.type === 'string' ? [] : ['no error with message and type']
    const odd = Object.keys(error).filter((name) => !['code', 'message', 'param', 'type'].includes(name))
    return [...faults, ...('param' in error && 'code' in error ? [] : ['no param or no code']), ...odd.map((name) => `an odd member ${name}`)]
  },
}

function errorOf(value: unknown): Fields {
  return isObject(value) && isObject(value.error) ? value.error : {}
}
