import { createHmac, timingSafeEqual } from 'node:crypto'
import { type SealableBlock, type SealIssuer, type SealKeeper, sealFromBase64, sealPrefix, type UnopenedSeal } from 'tokligence'
import type { LargeSeals } from './large-seals.ts'
import { packBlock, unpackBlock } from './pack-block.ts'
import { RefusedSeals } from './refused-seals.ts'
import type { SealKey, SealKeys } from './seal-key.ts'

const version = sealPrefix.slice(0, -1)

/** The block's type in the header. */
const letters: Readonly<Record<SealableBlock['type'], string>> = { reasoning: 'r', 'tool-call': 'c', text: 't' }

/**
 * The seals of one gateway: `tkl1.<key id>.<header>.<payload>.<HMAC>`. The header names block type, packing and issuer, parted by NUL, in
 * base64url; the payload is the whole block (see `packBlock`), base64url; the HMAC-SHA256 is over everything before it, base64url.
 * They are not encrypted: what is secret in them, the issuer has encrypted.
 */
export class GatewaySeals implements SealIssuer {
  readonly #load: () => SealKeys
  #keys: SealKeys | undefined

  /** There where seals can be kept that are too long for a caller. */
  readonly large: LargeSeals | undefined
  readonly refused: RefusedSeals

  /** `load` is called once, when the first seal is made or opened. */
  constructor(load: () => SealKeys, large?: LargeSeals, refused = new RefusedSeals()) {
    this.#load = load
    this.large = large
    this.refused = refused
  }

  /** For one issuer: an account of a provider, in one protocol. Costs nothing until something is sealed. */
  keeperFor(providerId: string, account: string, protocol: string): SealKeeper {
    return new IssuerSeals(this, providerId, account, protocol)
  }

  get keys(): SealKeys {
    this.#keys ??= this.#load()
    return this.#keys
  }
}

/** Made for every attempt, of which few seal anything. */
class IssuerSeals implements SealKeeper {
  readonly #seals: GatewaySeals
  readonly #providerId: string
  readonly #account: string
  readonly #protocol: string
  #issuers: Map<SealKey, string> | undefined

  constructor(seals: GatewaySeals, providerId: string, account: string, protocol: string) {
    this.#seals = seals
    this.#providerId = providerId
    this.#account = account
    this.#protocol = protocol
  }

  seal(block: SealableBlock, carried = false): string {
    const key = this.#seals.keys.current
    const { packing, bytes } = packBlock(block)
    const header = Buffer.from(`${letters[block.type]}${packing}\0${this.#issuerUnder(key)}`).toString('base64url')
    const signed = `${version}.${key.id}.${header}.${bytes.toString('base64url')}`
    const seal = `${signed}.${signatureOf(signed, key)}`
    return carried ? seal : (this.#seals.large?.shorten(seal) ?? seal)
  }

  open(value: string): SealableBlock | UnopenedSeal {
    const seal = sealFromBase64(value)
    if (this.#seals.refused.has(this.#issuer, seal)) return 'refused'
    const [start, keyId, header, payload, signature, rest] = seal.split('.', 6)
    if (start !== version || keyId === undefined || header === undefined || payload === undefined || signature === undefined || rest !== undefined)
      return 'broken'
    const key = this.#key(keyId)
    if (!key || !isSame(signature, signatureOf(seal.slice(0, -signature.length - 1), key))) return 'broken'
    const [form, ...issuer] = Buffer.from(header, 'base64url').toString('utf8').split('\0')
    if (issuer.join('\0') !== this.#issuerUnder(key)) return 'foreign'
    const block = unpackBlock(form?.[1], Buffer.from(payload, 'base64url'))
    return block && letters[block.type] === form?.[0] ? block : 'broken'
  }

  refuse(value: string): void {
    this.#seals.refused.add(this.#issuer, sealFromBase64(value))
  }

  get #issuer(): string {
    return `${this.#providerId}\0${this.#account}\0${this.#protocol}`
  }

  #key(id: string): SealKey | undefined {
    const { current, older } = this.#seals.keys
    return id === current.id ? current : older.get(id)
  }

  #issuerUnder(key: SealKey): string {
    this.#issuers ??= new Map()
    let issuer = this.#issuers.get(key)
    if (issuer === undefined) {
      issuer = describeIssuer(key, this.#providerId, this.#account, this.#protocol)
      this.#issuers.set(key, issuer)
    }
    return issuer
  }
}

/** The account stands there under the key: it is a digest of the provider's key, which callers could try guesses of weak keys against. */
function describeIssuer(key: SealKey, providerId: string, account: string, protocol: string): string {
  const digest = createHmac('sha256', key.secret).update(`account\0${account}`).digest().subarray(0, 9).toString('base64url')
  return `${providerId}\0${digest}\0${protocol}`
}

function signatureOf(signed: string, key: SealKey): string {
  return createHmac('sha256', key.secret).update(signed).digest('base64url')
}

/** As text, not as the bytes it stands for: base64url can spell the same bytes in several ways. */
function isSame(given: string, expected: string): boolean {
  const bytes = Buffer.from(given)
  return bytes.length === expected.length && timingSafeEqual(bytes, Buffer.from(expected))
}
