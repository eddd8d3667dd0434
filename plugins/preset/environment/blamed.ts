import { GatewayError } from 'tokligence'

export function invalid(variable: string, problem: string): GatewayError {
  return new GatewayError('TKL_CONFIG_INVALID', `The environment variable ${variable} ${problem}`)
}

/** A plugin's complaint about an option says nothing to somebody who set a variable. */
export function blamed<T>(variable: string, make: () => T): T {
  try {
    return make()
  } catch (error) {
    if (!GatewayError.is(error)) throw error
    throw new GatewayError(error.code, `The environment variable ${variable} is wrong: ${error.message}`, { cause: error })
  }
}
