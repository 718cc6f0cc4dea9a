/** The carrier asks what to do with a call that was answered, or that comes in. */
export type AnsweredCall = {
  /** Known when the call is one of ours: placed by us, or registered. */
  readonly callId?: string
  readonly callSid: string
  readonly from: string
  readonly direction: 'inbound' | 'outbound'
  /** It comes in just now: nobody has answered it before. */
  readonly isRinging?: boolean
}

/** Why a call is not for us; `closing`: the server is about to stop. */
export type Refusal = 'busy' | 'closing' | 'unwanted'

/** `token` lets the call's stream in. */
export type Answer = { readonly token: string } | { readonly refused: Refusal }
