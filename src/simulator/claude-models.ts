/**
 * The models that the simulated Claude offers, by what the API says of them: whether thinking can be turned off, and which
 * know `effort`. Sampling parameters are gone from all of the 5 family.
 */
export type SimulatedModel = {
  readonly id: string
  readonly thinkingCanBeOff: boolean
  readonly effort: boolean
  readonly family5: boolean
}

const ids = [
  'claude-haiku-5-5',
  'claude-sonnet-5-5',
  'claude-opus-5-5',
  'claude-fable-5-2',
  'claude-sonnet-5',
  'claude-opus-4-8',
  'claude-sonnet-4-6',
  'claude-haiku-4-5',
] as const

export const CLAUDE_MODELS: readonly SimulatedModel[] = ids.map((id) => {
  const family5 = /^claude-[a-z]+-5/.test(id)
  return {
    id,
    family5,
    thinkingCanBeOff: !/^claude-(opus-5-5|fable|mythos)/.test(id),
    effort: id !== 'claude-haiku-4-5',
  }
})

/** An entry of `GET /v1/models`. */
export function modelInfo(model: SimulatedModel): object {
  const supported = (value: boolean) => ({ supported: value })
  return {
    type: 'model',
    id: model.id,
    display_name: model.id.replaceAll('-', ' '),
    created_at: '2026-10-07T00:00:00Z',
    lifecycle: 'active',
    deprecated_at: null,
    retires_at: null,
    line: model.id.split('-')[1] ?? null,
    max_input_tokens: 1_000_000,
    max_tokens: MAX_OUTPUT_TOKENS,
    capabilities: {
      effort: Object.fromEntries(
        ['low', 'medium', 'high', 'xhigh', 'max'].map((level) => [level, supported(model.effort)]),
      ),
      thinking: {
        supported: true,
        types: {
          disabled: supported(model.thinkingCanBeOff),
          adaptive: supported(model.family5),
          enabled: supported(true),
        },
      },
    },
  }
}

export const MAX_OUTPUT_TOKENS = 128_000
