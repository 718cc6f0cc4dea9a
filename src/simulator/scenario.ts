import type { ClaudeKnobs } from './claude.ts'
import type { DeepgramKnobs } from './deepgram.ts'
import type { ElevenLabsKnobs } from './elevenlabs.ts'

/**
 * A phone call as a script: who is rung, what that person does, what Claude says, and what goes wrong. Tests, the demo
 * and the bench share them. One file each in `scenarios/`.
 */
export type Scenario = {
  /** As on the command line: kebab-case. */
  readonly name: string
  /** One line for `--list`. */
  readonly about: string
  /** `outbound`: the server is asked for this call. `inbound`: the person rings the server. */
  readonly direction: 'outbound' | 'inbound'
  /** Body of `POST /api/phone/call`; for an inbound call only `phone_number` (of the person who rings) counts. */
  readonly call: { readonly phone_number: string; readonly action: string } & Readonly<
    Record<string, unknown>
  >
  readonly person: Person
  /** What Claude's stand-in says: the first rule that fits the last thing the model was told. */
  readonly claude: readonly ClaudeRule[]
  /** How the vendors behave, if not at their usual pace and health. */
  readonly vendors?: {
    readonly deepgram?: Partial<DeepgramKnobs>
    readonly claude?: Partial<ClaudeKnobs>
    readonly elevenlabs?: Partial<ElevenLabsKnobs>
  }
}

/** The person at the other end of the line. */
export type Person = {
  /** What happens when the phone rings; `failed` is a number that cannot be reached. */
  readonly answer: 'yes' | 'busy' | 'no-answer' | 'failed'
  /** How long it rings before `answer`; default 1,500. */
  readonly ringMs?: number
  /** Carried out in order once answered. After the last step the person listens until the call ends. */
  readonly does: readonly PersonStep[]
}

/**
 * - `say`: speaks, and goes on with the next step when the last sound is out.
 * - `pause`: waits that many milliseconds.
 * - `hear: 'end'`: waits until the agent has said something since this person last spoke, and has then been silent for
 *   `quietMs` (default 600).
 * - `hear: { words }`, `hear: { text }`: waits until so many words, or this text, were heard since this person last spoke.
 * - `press`: sends DTMF keys, 100 ms apart.
 * - `noise`: makes a wordless sound for that many milliseconds.
 * - `hangUp`: ends the call.
 */
export type PersonStep =
  | { readonly say: string }
  | { readonly pause: number }
  | { readonly hear: 'end'; readonly quietMs?: number }
  | { readonly hear: { readonly words: number } | { readonly text: string } }
  | { readonly press: string }
  | { readonly noise: number }
  | { readonly hangUp: true }

export type ClaudeRule = {
  /** Tested against the text of the last user message (all of what the caller has said since the agent last spoke). */
  readonly when: RegExp
  /** The reply; `$1` … are the groups of `when`. */
  readonly say?: string
  /** A tool call after the text. */
  readonly tool?: { readonly name: string; readonly input: Readonly<Record<string, unknown>> }
  /** The rule is used at most this often in a call; default: no limit. */
  readonly times?: number
}
