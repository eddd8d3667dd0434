import { definePlugin, type SealIssuer, type Secret, secret } from 'tokligence'
import { z } from 'zod'
import { keepCopies } from './copy-hooks.ts'
import { openSealKeys } from './open-keys.ts'
import { readSealKey, sealKeyLength } from './seal-key.ts'

const options = z.strictObject({
  key: sealKey()
    .optional()
    .describe('The key that seals are signed with: 32 bytes, in base64 or hex. Default: `TOKLIGENCE_SEAL_KEY`, else the file `seal.key` in the data folder.'),
  olderKeys: z.array(sealKey()).default([]).describe('Keys that came before it: their seals are still opened, and none are made with them.'),
  copies: z
    .union([
      z.literal(false),
      z.strictObject({
        timeToLive: z.number().int().nonnegative().describe('Milliseconds that a copy lives, if the session store keeps anything for so long; 0 for none.'),
      }),
    ])
    .default({ timeToLive: 24 * 60 * 60 * 1_000 })
    .describe('Copies of seals in a session store, for clients that drop them; `false` for none.'),
})

export const seals = definePlugin({
  kind: 'seal',
  name: 'signed-seals',
  apiVersion: 1,
  description: 'Carries opaque values of a provider through callers of other protocols, signed.',
  options,
  setup(api, { key, olderKeys, copies }): SealIssuer {
    const large = keepCopies(api, copies === false ? 0 : copies.timeToLive)
    return openSealKeys(api, { key, olderKeys: olderKeys.filter((older) => older !== undefined) }, process.env, large)
  },
})

function sealKey() {
  return secret().refine(isSealKey, `must be ${sealKeyLength} bytes in base64 or hex`)
}

function isSealKey(key: Secret | undefined): boolean {
  return key === undefined || readSealKey(key.reveal()) !== undefined
}

export default seals
