import { vi } from 'vitest'
import type { Mulaw8k } from '../../src/audio/samples.ts'
import { systemClock } from '../../src/clock.ts'
import { CallSession, type CallSessionParts } from '../../src/pipeline/call-session.ts'
import type { HttpToolAnswer } from '../../src/pipeline/http-tool.ts'
import type {
  CallControl,
  ConversationEngine,
  Line,
  LineListener,
  Speech,
  SpeechListener,
  TextToSpeech,
} from '../../src/pipeline/ports.ts'
import type { SessionEnd } from '../../src/pipeline/session-end.ts'
import { ToolBox } from '../../src/pipeline/tool-box.ts'
import { toolsFor } from '../../src/pipeline/tools.ts'
import { alignmentOf, CHAR_BYTES, FakeEars, quiet, settled } from './fake-ports.ts'
import { conversationOf } from './session.ts'
import { httpTool, type PendingRun } from './tool-calls.ts'

/** What a character of speech lasts on these lines. */
export const CHAR_MS = CHAR_BYTES / 8

/** Speaks at once, in an audio of which a `PlayingLine` can tell the text: a byte is the code of its character. */
export class SpellingVoice implements TextToSpeech {
  readonly speeches: {
    readonly listener: SpeechListener
    readonly language: string
    text: string
  }[] = []
  language = 'en'
  closed = false
  /** A voice that is slower answers when `answer` is called. */
  isSlow = false
  #late: (() => void)[] = []

  connect(): Promise<void> {
    return Promise.resolve()
  }

  speak(listener: SpeechListener): Speech {
    const speech = { listener, language: this.language, text: '' }
    this.speeches.push(speech)
    let isOver = false
    const then = (run: () => void) => {
      const unlessOver = () => {
        if (!isOver) run()
      }
      if (this.isSlow) this.#late.push(unlessOver)
      else unlessOver()
    }
    return {
      sendText: (text) => {
        speech.text += text
        then(() => {
          listener.audio(spelled(text), alignmentOf(text))
        })
      },
      flush: () => {
        then(() => {
          isOver = true
          listener.done()
        })
      },
      cancel: () => {
        isOver = true
      },
    }
  }

  /** What a slow voice was asked for until now. */
  answer(): void {
    for (const run of this.#late.splice(0)) run()
  }

  switchLanguage(language: string): void {
    this.language = language
  }

  close(): Promise<void> {
    this.closed = true
    return Promise.resolve()
  }
}

function spelled(text: string): Mulaw8k {
  const audio = new Uint8Array(text.length * CHAR_BYTES)
  Array.from(text).forEach((char, i) => {
    audio.fill(char.charCodeAt(0), i * CHAR_BYTES, (i + 1) * CHAR_BYTES)
  })
  return audio
}

/** A carrier's line on the clock of the test: plays in order, returns marks, and knows what was heard through it. */
export class PlayingLine implements Line {
  readonly id: string
  readonly did: string[] = []
  listener: LineListener | undefined
  readonly #played: { readonly audio: Mulaw8k; readonly startMs: number; endMs: number }[] = []
  readonly #marks = new Set<() => void>()
  #endsAt = 0
  isClosed = false
  /** How much later than it should the line plays what comes now. */
  lagMs = 0
  /** Marks do not come back from now on. */
  losesMarks = false

  constructor(id = 'line') {
    this.id = id
  }

  send(audio: Mulaw8k): void {
    if (this.isClosed) return
    const startMs = Math.max(systemClock.now() + this.lagMs, this.#endsAt)
    this.#endsAt = startMs + audio.length / 8
    this.#played.push({ audio, startMs, endMs: this.#endsAt })
  }
  flush(): void {
    // The end of a reply; the next one has words of its own.
    this.#played.push({ audio: new Uint8Array([32]), startMs: this.#endsAt, endMs: this.#endsAt })
  }
  mark(name: string): void {
    if (this.losesMarks) return
    const cancel = systemClock.after(this.#endsAt - systemClock.now(), () => {
      this.#marks.delete(cancel)
      this.listener?.mark(name)
    })
    this.#marks.add(cancel)
  }
  clear(): void {
    this.did.push('clear')
    this.#stop()
  }
  close(): void {
    this.isClosed = true
    this.#stop()
  }

  /** The connection breaks, or is ended by the carrier. */
  breaks(cause: 'stopped' | 'lost'): void {
    this.close()
    this.listener?.closed(cause)
  }

  #stop(): void {
    const now = systemClock.now()
    for (const piece of this.#played)
      piece.endMs = Math.max(piece.startMs, Math.min(piece.endMs, now))
    this.#endsAt = now
    for (const cancel of this.#marks) cancel()
    this.#marks.clear()
  }

  /** The characters of which at least half has been heard until now; a space where the line was cleared. */
  get heard(): string {
    const now = systemClock.now()
    let text = ''
    for (const { audio, startMs, endMs } of this.#played) {
      const bytes = Math.max(0, Math.min(endMs, now) - startMs) * 8
      // A piece may begin in the middle of a character that was played before.
      for (let at = 0; at + CHAR_BYTES / 2 <= bytes; at += CHAR_BYTES) {
        text += String.fromCharCode(audio[at] ?? 0)
      }
      if (bytes < audio.length) text += ' '
    }
    return text
  }
}

/** A call's conversation with everything around it, on fake timers. */
export class Talk {
  readonly session: CallSession
  readonly voice = new SpellingVoice()
  readonly ears = new FakeEars()
  /** What tools of the user's own were asked. */
  readonly runs: PendingRun[] = []
  /** What the carrier was asked; it does it at once, unless the test lets it fail. */
  readonly asked: string[] = []
  /** All lines, the newest last. */
  readonly lines: PlayingLine[] = []
  end: SessionEnd | undefined
  carrierFails = false

  constructor(mind: ConversationEngine, parts: Partial<CallSessionParts> = {}) {
    const httpTools = [httpTool('look_up'), httpTool('book')]
    const transferTargets = [{ name: 'Ann', phoneNumber: '+15550100' }]
    const definitions = toolsFor({ direction: 'outbound', transferTargets, httpTools })
    const control: CallControl = {
      pressKeys: (keys) => this.#carrier(`keys ${keys}`),
      transfer: (to) => this.#carrier(`transfer ${to}`),
    }
    const runner = {
      run: (tool: { name: string }, input: unknown, { signal }: { signal: AbortSignal }) =>
        new Promise<HttpToolAnswer>((resolve) => {
          const answer = (text: string) => {
            resolve({ ok: true, text, value: text })
          }
          this.runs.push({ name: tool.name, input, answer, signal })
        }),
    }
    this.session = new CallSession({
      brief: {
        direction: 'outbound',
        action: 'Confirm the appointment',
        context: undefined,
        calleeName: 'John',
        agentName: 'Alex',
        organization: undefined,
        language: 'en',
        opening: undefined,
      },
      ...conversationOf(),
      control,
      transferTargets,
      tools: {
        definitions,
        box: new ToolBox({ definitions, httpTools, runner, clock: systemClock, log: quiet }),
      },
      engine: mind,
      ...parts,
      tts: this.voice,
      stt: this.ears,
    })
    void this.session.ended.then((end) => {
      this.end = end
    })
  }

  async #carrier(what: string): Promise<void> {
    this.asked.push(what)
    await Promise.resolve()
    if (this.carrierFails) throw new Error('the carrier says no')
  }

  get line(): PlayingLine {
    const line = this.lines.at(-1)
    if (!line) throw new Error('there is no line')
    return line
  }

  /** Everything that was heard of the agent, through whichever line. */
  get heard(): string {
    return this.lines.map(({ heard }) => heard).join('')
  }

  async pickUp(): Promise<void> {
    this.session.start()
    await settled()
    this.session.answered()
    await settled()
    await this.attach()
  }

  async attach(): Promise<void> {
    const line = new PlayingLine(`line ${this.lines.length + 1}`)
    line.listener = this.session.attach(line)
    this.lines.push(line)
    await settled()
  }

  async wait(ms: number): Promise<void> {
    await settled()
    await vi.advanceTimersByTimeAsync(ms)
    await settled()
  }

  /** Until the agent has said all it has to say, and somewhat longer. */
  async quiet(): Promise<void> {
    let before: string
    do {
      before = this.heard
      await this.wait(300)
    } while (this.heard !== before)
  }

  /** The caller's turn so far. */
  async words(text: string): Promise<void> {
    this.ears.hear({ type: 'words', text })
    await settled()
  }

  async turnEnds(text: string): Promise<void> {
    this.ears.hear({ type: 'turn_end', text })
    await settled()
  }

  /** A whole turn of the caller. */
  async says(text: string): Promise<void> {
    await this.words(text)
    await this.turnEnds(text)
  }

  /** The record in short: `agent: …`, cut off `agent- …`, `caller: …`, `look_up = result`. */
  get record(): string[] {
    return this.session.turns.map((turn) => {
      if (turn.role === 'tool') return `${turn.name} = ${turn.result}`
      const cut = turn.role === 'agent' && turn.interrupted ? '-' : ':'
      return `${turn.role}${cut} ${turn.text}`
    })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.session.cleanup()
  }
}
