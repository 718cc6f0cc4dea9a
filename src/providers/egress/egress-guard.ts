import { lookup as resolveByDns, type LookupAddress } from 'node:dns'
import { isIP, type LookupFunction } from 'node:net'
import { Agent, buildConnector, type Dispatcher } from 'undici'
import { isLoopbackAddress, isPublicAddress } from './public-addresses.ts'

/** For a connection; the exchange has the deadline of the one who asks. */
const CONNECT_TIMEOUT_MS = 10_000

/** Code of the error that ends a connection to an address that may not be asked. */
export const ADDRESS_NOT_ALLOWED = 'ERR_ADDRESS_NOT_ALLOWED'

/** All addresses of a name. */
export type Resolve = (
  name: string,
  done: (error: Error | null, addresses: readonly LookupAddress[]) => void,
) => void

export type EgressGuardOptions = {
  /** Whether this machine itself may be asked, by http as well. */
  readonly allowLoopback: boolean
  /**
   * Hosts of the operator's own that may be asked, wherever they are: names and addresses by https, and origins such as
   * `http://crm:8080` exactly as they stand there.
   */
  readonly internalHosts: readonly string[]
  /** Default: the machine's own resolver. */
  readonly resolve?: Resolve
}

/**
 * Keeps addresses that users of the API give (tools, webhooks) from leading into the operator's own network. The URL is checked
 * when a call is ordered. Every connection is checked again: a name is resolved once, all of its addresses must be allowed, and
 * the connection goes to one of those, whatever the name leads to a moment later.
 */
export class EgressGuard {
  /** Connects to allowed addresses only, and follows no redirect. Its deadlines are those of the one who asks. */
  readonly dispatcher: Dispatcher
  readonly #options: EgressGuardOptions
  readonly #internal: ReadonlySet<string>

  constructor(options: EgressGuardOptions) {
    this.#options = options
    this.#internal = new Set(options.internalHosts.map(canonical))
    const connect = buildConnector({ timeout: CONNECT_TIMEOUT_MS, lookup: this.#lookup })
    this.dispatcher = new Agent({
      headersTimeout: 0,
      bodyTimeout: 0,
      connect: (target, done) => {
        // An address in place of a name is connected to without a look-up.
        const address = unbracketed(target.hostname)
        if (isIP(address) === 0 || this.#allows(address)) connect(target, done)
        else done(notAllowed(), null)
      },
    })
  }

  /** Why this URL may not be asked, as a phrase that says what would be allowed; undefined when it may. */
  problemOf(url: URL): string | undefined {
    if (this.#internal.has(url.origin)) return undefined
    const host = bare(url.hostname)
    const isLoopback = isLoopbackAddress(host) || isLocalName(host)
    if (isLoopback && this.#options.allowLoopback) return undefined
    if (url.protocol !== 'https:') return 'an https URL'
    if (this.#internal.has(host)) return undefined
    const isPublic = isIP(host) === 0 ? !isPrivateName(host) : isPublicAddress(host)
    return isPublic ? undefined : 'a URL of a public host, or of one in INTERNAL_HOSTS'
  }

  readonly allows = (url: URL): boolean => this.problemOf(url) === undefined

  close(): Promise<void> {
    return this.dispatcher.destroy()
  }

  readonly #lookup: LookupFunction = (hostname, options, done) => {
    const resolve = this.#options.resolve ?? resolved
    resolve(hostname, (error, addresses) => {
      const [first] = addresses
      const isInternal = this.#isInternalName(hostname)
      const areAllowed = addresses.every(({ address }) => isInternal || this.#allows(address))
      if (error) done(error, [])
      else if (!first || !areAllowed) done(notAllowed(), [])
      else if (options.all) done(null, [...addresses])
      else done(null, first.address, first.family)
    })
  }

  #allows(address: string): boolean {
    if (isPublicAddress(address) || this.#internal.has(address)) return true
    if (isLoopbackAddress(address) && this.#options.allowLoopback) return true
    return this.#isInternalName(address)
  }

  /** Listed by itself, or as the host of an origin. */
  #isInternalName(host: string): boolean {
    return Array.from(this.#internal).some(
      (entry) =>
        entry === bare(host) || (isOrigin(entry) && bare(new URL(entry).hostname) === host),
    )
  }
}

const resolved: Resolve = (name, done) => {
  resolveByDns(name, { all: true }, (error, addresses) => {
    done(error, error ? [] : addresses)
  })
}

function notAllowed(): Error {
  return Object.assign(new Error('the address is not allowed'), { code: ADDRESS_NOT_ALLOWED })
}

/** As URLs have it: in lower case, and an address in the one spelling that is left of all. */
function canonical(entry: string): string {
  if (isOrigin(entry)) return new URL(entry).origin
  return bare(new URL(`https://${inUrl(entry)}`).hostname)
}

function isOrigin(entry: string): boolean {
  return /^https?:\/\//i.test(entry)
}

function inUrl(host: string): string {
  return isIP(host) === 6 ? `[${host}]` : host
}

/** Without the brackets of an IPv6 address, and without the dot at the end of a full name. */
function bare(hostname: string): string {
  return unbracketed(hostname).replace(/\.$/, '')
}

function unbracketed(hostname: string): string {
  return hostname.replace(/^\[(.*)\]$/, '$1')
}

function isLocalName(host: string): boolean {
  return host === 'localhost' || host.endsWith('.localhost')
}

/** Names that no public resolver knows. */
function isPrivateName(host: string): boolean {
  return isLocalName(host) || !host.includes('.') || /\.(local|internal|home\.arpa)$/.test(host)
}
