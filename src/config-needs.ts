export type Environment = Readonly<Record<string, string | undefined>>

/** Variables that a choice makes necessary; `chosenBy` is told for those that are no defaults. */
const VENDOR_NEEDS: readonly {
  readonly isChosen: (given: Environment) => boolean
  readonly chosenBy?: string
  readonly names: readonly string[]
}[] = [
  {
    isChosen: ({ STT_PROVIDER: stt = 'deepgram' }) => stt !== 'pulse',
    names: ['DEEPGRAM_API_KEY'],
  },
  {
    isChosen: ({ TTS_PROVIDER: tts = 'elevenlabs' }) => tts !== 'waves',
    names: ['ELEVENLABS_API_KEY', 'ELEVENLABS_VOICE_ID'],
  },
  {
    isChosen: ({ STT_PROVIDER: stt }) => stt === 'pulse',
    chosenBy: 'STT_PROVIDER=pulse',
    names: ['SMALLEST_API_KEY'],
  },
  {
    isChosen: ({ TTS_PROVIDER: tts }) => tts === 'waves',
    chosenBy: 'TTS_PROVIDER=waves',
    names: ['SMALLEST_API_KEY', 'WAVES_VOICE_ID'],
  },
  ...(
    [
      ['elevenlabs', 'ELEVENLABS_API_KEY'],
      ['deepgram', 'DEEPGRAM_API_KEY'],
      ['waves', 'SMALLEST_API_KEY'],
    ] as const
  ).map(([vendor, name]) => ({
    isChosen: ({ TTS_FALLBACK: voices = '' }: Environment) => voices.includes(`${vendor}:`),
    chosenBy: `TTS_FALLBACK=${vendor}:…`,
    names: [name],
  })),
  ...(
    [
      ['deepgram', 'DEEPGRAM_API_KEY'],
      ['pulse', 'SMALLEST_API_KEY'],
    ] as const
  ).map(([vendor, name]) => ({
    isChosen: ({ STT_FALLBACK: ears = '' }: Environment) => ears.includes(`${vendor}:`),
    chosenBy: `STT_FALLBACK=${vendor}:…`,
    names: [name],
  })),
  {
    isChosen: ({ ATOMS_AGENT_ID: agent }) => agent !== undefined,
    chosenBy: 'ATOMS_AGENT_ID',
    names: ['SMALLEST_API_KEY'],
  },
]

export type Problem = { readonly name: string; readonly text: string }

/** What of the vendors that are chosen is missing. */
export function missingOfVendors(given: Environment): readonly Problem[] {
  const missing = new Map<string, string>()
  for (const { isChosen, chosenBy, names } of VENDOR_NEEDS) {
    if (!isChosen(given)) continue
    for (const name of names) {
      if (given[name] !== undefined || missing.has(name)) continue
      const reason = chosenBy === undefined ? '' : `: ${chosenBy} needs it`
      missing.set(name, `${name} is missing${reason}`)
    }
  }
  return Array.from(missing, ([name, text]) => ({ name, text }))
}
