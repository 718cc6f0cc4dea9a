/** A form about something that happened, for a model to fill in once it is over. */
export type Form = {
  /** What to do, and how; the same for all forms of a kind. */
  readonly instructions: string
  /** What it is about: data that the model reads and never obeys. */
  readonly material: string
  /** JSON schema of the form; of an object. */
  readonly schema: { readonly type: 'object' } & Readonly<Record<string, unknown>>
  /** An earlier answer, and what is wrong with it. */
  readonly rejected?: { readonly answer: unknown; readonly problems: readonly string[] }
}

/** Fills in forms, in its own time. */
export interface FormFiller {
  /**
   * @returns the form as it was filled in; whether it fits the schema is still to be checked
   * @throws {ProviderError} when the model did not do it
   */
  fill(form: Form, options: { signal: AbortSignal }): Promise<unknown>
}
