import type { SealKeeper } from '../conversation/seal.ts'
import type { ProtocolId } from './protocol.ts'

/**
 * Makes and opens seals, in which opaque values of one provider travel through callers of other protocols. Contribution of the plugin kind `seal`;
 * at most one is configured. Without one, such values are taken out, and reported as losses.
 */
export interface SealIssuer {
  /**
   * For what one account of a provider gives in one protocol: no other keeper opens its seals. `account` is a digest of the provider's key. Called
   * for every attempt, so it must cost nothing until something is sealed. Every seal begins with `sealPrefix`: by that the gateway knows it.
   */
  keeperFor(providerId: string, account: string, protocol: ProtocolId): SealKeeper
}
