/** What the agent is told about its call. Everything in it is data given by the user of the API. */
export type CallBrief = {
  readonly direction: 'outbound' | 'inbound'
  /** What the call is for. */
  readonly action: string
  /** The facts the agent may use; it never invents others. */
  readonly context: string | undefined
  readonly calleeName: string | undefined
  readonly agentName: string | undefined
  readonly organization: string | undefined
  /** BCP 47, such as `en` or `de-DE`. */
  readonly language: string
  /** Exact first words, instead of generated ones. */
  readonly opening: string | undefined
}
