import twilio from 'twilio'

/**
 * Tells Twilio's requests from forged ones. A signature covers the address as Twilio was given it, so it is checked over
 * the configured public host and the raw request target, never over headers that anyone can set.
 *
 * The signature of a media stream's upgrade covers nothing but a fixed address: it is the same for every call and may be
 * replayed. It keeps strangers out; the one-time token in `start` tells which call a stream belongs to.
 */
export class SignatureCheck {
  readonly #publicHost: string
  readonly #accountSid: string
  readonly #authTokens: readonly string[]

  /** `authTokens`: more than one while a token is being rotated. */
  constructor(options: { publicHost: string; accountSid: string; authTokens: readonly string[] }) {
    this.#publicHost = options.publicHost
    this.#accountSid = options.accountSid
    this.#authTokens = options.authTokens
  }

  /** `params`: every field of the form as it was decoded, untrimmed. */
  isWebhookGenuine(
    target: string,
    signature: string | undefined,
    params: Readonly<Record<string, unknown>>,
  ): boolean {
    return (
      params['AccountSid'] === this.#accountSid &&
      this.#matches(`https://${this.#publicHost}`, target, signature, params)
    )
  }

  isUpgradeGenuine(target: string, signature: string | undefined): boolean {
    // With the port written out the SDK tries the address with and without `:443`; without it, it would try `:80`.
    const authority = this.#publicHost.includes(':') ? this.#publicHost : `${this.#publicHost}:443`
    return ['wss', 'https'].some((scheme) =>
      this.#matches(`${scheme}://${authority}`, target, signature, {}),
    )
  }

  #matches(
    origin: string,
    target: string,
    signature: string | undefined,
    params: Readonly<Record<string, unknown>>,
  ): boolean {
    const url = origin + target
    // The SDK throws on an address that cannot be parsed; the target is whatever a stranger sent.
    if (!signature || !target.startsWith('/') || !URL.canParse(url)) return false
    return this.#authTokens.some((token) => twilio.validateRequest(token, signature, url, params))
  }
}
