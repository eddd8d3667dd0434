import { defineConfig } from 'tokligence'
import { health, loopback, modelRoutes, models, protocols, requestLog, sqliteLedger } from 'tokligence/plugins'

/** No key and no network: every model name is answered by the loopback provider, in the caller's own protocol. */
export default defineConfig({
  plugins: [protocols(), loopback(), modelRoutes({ '*': 'loopback' }), models(), health(), requestLog(), sqliteLedger()],
})
