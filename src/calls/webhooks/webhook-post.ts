/** Puts a message on the wire, once. */
export interface WebhookPost {
  /**
   * Posts a body. Redirects are not followed, and what the answer says is not read.
   *
   * @returns the HTTP status of the answer
   * @throws when there was none; the error's `code` says why
   */
  post(
    request: {
      readonly url: URL
      readonly headers: Readonly<Record<string, string>>
      readonly body: string
    },
    options: { signal: AbortSignal },
  ): Promise<number>
}
