import type { ClaudeKnobs } from './claude.ts'
import type { DeepgramKnobs } from './deepgram.ts'
import type { ElevenLabsKnobs } from './elevenlabs.ts'
import type { SmallestKnobs } from './smallest.ts'
import type { ToolRoutes } from './tool-server.ts'

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
  /** Who is there for the first calls to this number, one call each, before it is `person`. */
  readonly earlier?: readonly Person[]
  /** The call is made by a workflow: its id, and its input apart from `call`. */
  readonly workflow?: { readonly id: string; readonly input: Readonly<Record<string, unknown>> }
  /** What Claude's stand-in says: the first rule that fits the last thing the model was told. */
  readonly claude: readonly ClaudeRule[]
  /** What the HTTP endpoints of the call's tools answer; urls of tools that begin with `http://tools.test` lead to them. */
  readonly toolServer?: ToolRoutes
  /** Variables of the server without which there is nothing to see. */
  readonly environment?: Readonly<Record<string, string>>
  /** How the vendors behave, if not at their usual pace and health. */
  readonly vendors?: {
    readonly deepgram?: Partial<DeepgramKnobs>
    readonly claude?: Partial<ClaudeKnobs>
    readonly elevenlabs?: Partial<ElevenLabsKnobs>
    readonly smallest?: Partial<SmallestKnobs>
  }
}

/** The person, or the machine, at the other end of the line. */
export type Person = {
  /** What happens when the phone rings; `failed` is a number that cannot be reached. */
  readonly answer: 'yes' | 'busy' | 'no-answer' | 'failed'
  /** How long it rings before `answer`; default 1,500. */
  readonly ringMs?: number
  /** Carried out in order once answered. After the last step the person listens until the call ends. */
  readonly does: readonly PersonStep[]
  /** A menu for keys that begins after the last step of `does`. */
  readonly menu?: Menu
  /** What Twilio's machine detection makes of this person, if a call asks for it; default: a human, after 4 s. */
  readonly amd?: MachineVerdict
  /** Noise around the person during the whole call. Above −40 dBFS nobody makes out words in it. */
  readonly noise?: { readonly levelDbfs: number }
  /** What the telephone network does to what the person says. */
  readonly line?: LineModes
  /** Who answers, and how, when the call is handed over to one of these numbers (E.164); others are `dialOutcome`s. */
  readonly transfers?: Readonly<Record<string, Transfer>>
}

/**
 * - `say`: speaks, and goes on with the next step when the last sound is out.
 * - `pause`: waits that many milliseconds.
 * - `hear: 'end'`: waits until the agent has said something since this person last spoke, and has then been silent for
 *   `quietMs` (default 600).
 * - `hear: { words }`, `hear: { text }`: waits until so many words, or this text, were heard since this person last spoke.
 * - `hearKeys`: waits until so many keys, or keys that fit a pattern (the source of a regular expression), came from the
 *   other end, and takes them away. Keys that came before and were not taken count.
 * - `press`: sends DTMF keys, 100 ms each. It counts as having spoken.
 * - `noise`: makes a wordless sound for that many milliseconds.
 * - `beep`: an answering machine's tone (default 1,000 Hz); what is heard after the last one is the message it records.
 * - `fax`: the tones of a fax machine that was called, or is `calling`, for that many milliseconds.
 * - `music`: music on hold, for that many milliseconds.
 * - `sit`: the three tones before an announcement of the network.
 * - `repeat`, `do`: carries the steps out so many times.
 * - `menu`: speaks a menu and follows the keys.
 * - `cutStream`: the network between Twilio and the server breaks: no `stop`, close code 1006.
 * - `freezeStream`: Twilio gives the stream up, and leaves its socket half open for a while.
 * - `stallStream`: what the server sends from now on never arrives, and nobody is told; `both`: nothing passes either way.
 * - `hangUp`: ends the call.
 *
 * A wait with `orMs` is given up after so long, and the next step follows. A beep, fax, music and special tones have a
 * fifth of a second of quiet before and after them. Cutting or freezing waits for a stream when none is open.
 */
export type PersonStep =
  | { readonly say: string }
  | { readonly pause: number }
  | { readonly hear: 'end'; readonly quietMs?: number; readonly orMs?: number }
  | {
      readonly hear: { readonly words: number } | { readonly text: string }
      readonly orMs?: number
    }
  | { readonly hearKeys: { readonly digits: number | string }; readonly orMs?: number }
  | { readonly press: string }
  | { readonly noise: number }
  | { readonly beep: number; readonly frequencyHz?: number }
  | { readonly fax: number; readonly calling?: boolean }
  | { readonly music: number }
  | { readonly sit: true }
  | { readonly repeat: number; readonly do: readonly PersonStep[] }
  | { readonly menu: Menu }
  | { readonly cutStream: true }
  | { readonly freezeStream: true }
  | { readonly stallStream: 'out' | 'both' }
  | { readonly hangUp: true }

/**
 * A menu as a machine speaks it. A key stops its words at once. Keys that come before it speaks are not lost: it then says
 * nothing and takes them.
 */
export type Menu = {
  readonly say: string
  /**
   * What keys lead to: another menu, or the steps of whoever picks up there. A name of several keys, such as an extension,
   * is complete when it fits no longer name, after a pause, or with `#`.
   */
  readonly options: Readonly<Record<string, Menu | readonly PersonStep[]>>
  /** Said to keys that lead nowhere; default “Sorry, that is not a valid choice.” The menu then begins again. */
  readonly invalid?: string
  /** How long it waits for a key before it begins again; default 5,000. */
  readonly timeoutMs?: number
  /** How often it is spoken at most; default 3. */
  readonly repeat?: number
  /** What happens after that; default: it hangs up. */
  readonly otherwise?: readonly PersonStep[]
}

/** The verdict of Twilio's machine detection. */
export type MachineVerdict = {
  /** `machine_start` and the `machine_end_…`s stand for each other, by what kind of detection was asked for. */
  readonly answeredBy:
    | 'human'
    | 'machine_start'
    | 'machine_end_beep'
    | 'machine_end_silence'
    | 'machine_end_other'
    | 'fax'
    | 'unknown'
  /** From the answer; default 4,000. */
  readonly afterMs?: number
}

/** Faults of the line on the person's side; the same in every run. Timestamps of frames stay true to the audio. */
export type LineModes = {
  /** Every frame is late by up to this; those behind it wait, and come in a burst. */
  readonly jitterMs?: number
  /** So many of a hundred frames never arrive. */
  readonly lossPercent?: number
  /** Frames in which the person makes no sound are not sent at all. */
  readonly silenceSuppression?: boolean
}

/** What becomes of a call to a number that the person is handed over to. */
export type Transfer = {
  readonly status: 'completed' | 'busy' | 'no-answer' | 'failed'
  /** How long it rings; default 1,500, for `no-answer` as long as it is let ring. */
  readonly afterMs?: number
  /** How long they talk when it is answered, unless the person hangs up; default 5. */
  readonly durationS?: number
  /** What the one who answers says to the person. */
  readonly says?: string
}

export type ClaudeRule = {
  /**
   * Tested against the text of the last user message: all of what the caller has said since the agent last spoke. Results
   * of tools stand in it as they are, and, for a pattern that names `tool NAME`, as lines `(tool NAME: RESULT)`.
   */
  readonly when: RegExp
  /** The reply; `$1` … are the groups of `when`, `$$` is a dollar sign. */
  readonly say?: string
  /** A tool call after the text. */
  readonly tool?: ClaudeToolCall
  /** More tool calls, in the same message. */
  readonly tools?: readonly ClaudeToolCall[]
  /** Calls tools that it was not told of, as a model does that has been talked into it. */
  readonly undeclared?: true
  /** Thinks for so long on top of the usual time to the first piece. */
  readonly afterMs?: number
  /** The rule is used at most this often in a call; default: no limit. */
  readonly times?: number
}

export type ClaudeToolCall = {
  readonly name: string
  readonly input: Readonly<Record<string, unknown>>
}
