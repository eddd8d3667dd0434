import { defineConfig } from 'tokligence'
import { loopback, modelRoutes, protocols, sqliteLedger } from 'tokligence/plugins'
import { upperCase } from './upper-case.ts'

/** A plugin of one's own beside the built-in ones. */
export default defineConfig({
  plugins: [protocols(), loopback(), modelRoutes({ 'loopback*': 'loopback' }), upperCase({ except: ['json'] }), sqliteLedger()],
})
