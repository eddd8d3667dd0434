import { definePlugin } from 'tokligence'
import { z } from 'zod'
import { describeRequest, severityOf } from './describe-request.ts'

export const requestLog = definePlugin({
  kind: 'telemetry',
  name: 'request-log',
  apiVersion: 1,
  description: 'One log line per request.',
  options: z.strictObject({}),
  setup(api) {
    api.hooks.onRequestEnd.tap((context) => {
      const { method, path, status = 'unanswered', error } = context
      api.logger[severityOf(context)](describeRequest(context), [method, path, status, ...(error ? [error.code] : [])].join(' '))
    })
  },
})

export default requestLog
