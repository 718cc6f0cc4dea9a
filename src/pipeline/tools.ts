/** A tool as the model is told of it; the session decides what a call of it does. */
export type ToolDefinition = {
  readonly name: string
  readonly description: string
  /** JSON schema of the input; always of an object. */
  readonly inputSchema: { readonly type: 'object' } & Readonly<Record<string, unknown>>
}

/** Why the agent ends a call; the value of `end_call`'s `reason`. */
export const END_CALL_REASONS = [
  'done',
  'wrong_number',
  'not_now',
  'refused',
  'no_response',
] as const

export const END_CALL: ToolDefinition = {
  name: 'end_call',
  description:
    'Hangs up once everything you have said in this turn has been heard. Say goodbye in the same turn, before the ' +
    'call of this tool. Use it when the purpose of the call is settled, when the person says goodbye or wants to end ' +
    'the call, when you have reached a wrong number, or when nobody answers you any more.',
  inputSchema: {
    type: 'object',
    properties: {
      reason: {
        type: 'string',
        enum: END_CALL_REASONS,
        description:
          'done: the purpose is settled. wrong_number: the person is not the one you wanted. not_now: they have no ' +
          'time now. refused: they do not want this conversation. no_response: nobody answers.',
      },
    },
    additionalProperties: false,
  },
}

/**
 * The tools of every call, in the order in which the model gets them. Order and wording stay the same from request to
 * request, because a change of either empties the model's prompt cache.
 */
export const callTools: readonly ToolDefinition[] = [END_CALL]
