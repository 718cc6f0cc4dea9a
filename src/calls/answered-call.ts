/** The carrier asks what to do with a call that was answered, or that comes in. */
export type AnsweredCall = {
  /** Known when the call is one of ours: placed by us, or registered. */
  readonly callId?: string
  readonly callSid: string
  readonly from: string
  readonly direction: 'inbound' | 'outbound'
}

/** `token` lets the call's stream in; otherwise the call is not for us. */
export type Answer = { readonly token: string } | { readonly refused: 'busy' | 'unwanted' }
