import { type Provider, ProviderError } from '../errors.ts'

export type SessionFailure = {
  /** `parley` when the fault is our own. */
  readonly by: Provider | 'parley'
  readonly code: string
  readonly message: string
}

/** How a call's conversation came to its end. */
export type SessionEnd = {
  readonly reason:
    | 'agent_hung_up' // the agent said goodbye
    | 'caller_hung_up' // the line went away by itself
    | 'requested' // `end` was called: by the API, or by a drain
    | 'time_limit'
    | 'silence' // the caller said nothing, however often asked
    | 'transferred' // the person was handed over to somebody else
    | 'voicemail' // a machine answered, and no message was left: none was wanted, or it takes none
    | 'message_left' // a machine answered, and has the message
    | 'screened' // an assistant asked who is calling, and nobody came
    | 'unreachable' // an announcement of the network, or a fax
    | 'failed' // a vendor or we failed; `failure` says who
  readonly failure?: SessionFailure
  /** Set when the last words could not be spoken by our own voice: the carrier's should say `stockPhrases().apology`. */
  readonly unsaid?: true
  /** The language (BCP 47) in which it is to say them. */
  readonly language?: string
}

/** Who is to blame for an error that ended a call. */
export function failureOf(error: unknown): SessionFailure {
  if (error instanceof ProviderError) {
    const code = error.vendorCode === undefined ? error.code : `${error.code}:${error.vendorCode}`
    return { by: error.provider, code, message: error.message }
  }
  const message = error instanceof Error ? error.message : String(error)
  return { by: 'parley', code: 'internal', message }
}
