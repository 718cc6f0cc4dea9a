import { styleText } from 'node:util'
import type { Cancel, Clock } from '../clock.ts'
import type { DialEvent, TwilioEvent } from '../simulator/twilio-events.ts'

/** A pause after which what the agent has said is printed. */
const PAUSE_MS = 800
const NAME_COLUMNS = 7

type Sentence = { words: string[]; atMs: number; cancel: Cancel }

/**
 * Prints several calls at once, a line for each thing said, each line with the end of the number that was rung. The agent's
 * words are gathered until it pauses.
 */
export class CallLinesPrinter {
  readonly #write: (line: string) => void
  readonly #clock: Clock
  readonly #numbers = new Map<string, string>()
  readonly #sentences = new Map<string, Sentence>()

  constructor(options: { write: (line: string) => void; clock: Clock }) {
    this.#write = options.write
    this.#clock = options.clock
  }

  print(event: TwilioEvent): void {
    if (event.type === 'agent_word') {
      this.#gather(event.callSid, event.atMs, event.word)
      return
    }
    this.#flush(event.callSid)
    switch (event.type) {
      case 'ringing':
        this.#numbers.set(event.callSid, event.to)
        this.#line(event, '', `${event.to} rings …`)
        return
      case 'answered':
        this.#line(event, '', 'somebody picks up')
        return
      case 'person_said':
        this.#line(event, 'person', event.text.trim())
        return
      case 'person_pressed':
        this.#line(event, 'person', `presses ${event.digit}`)
        return
      case 'agent_pressed':
        this.#line(event, 'agent', `presses ${event.digit}`)
        return
      case 'cleared':
        if (event.droppedMs > 0) this.#line(event, 'agent', styleText('yellow', '(cut off)'))
        return
      case 'ended':
        this.#line(event, '', `over: ${event.status}`)
        return
      case 'callback_failed':
        this.#line(event, '', styleText('red', `callback failed: ${event.reason}`))
        return
      case 'stream_started':
      case 'command_arrived':
        return
      default:
        this.#printDialled(event)
    }
  }

  #printDialled(event: DialEvent): void {
    if (event.type === 'other_word') this.#line(event, 'other', event.word)
    else if (event.type === 'dialled') this.#line(event, '', `${event.number} is dialled, too`)
    else this.#line(event, '', `${event.number}: ${event.status}`)
  }

  #gather(callSid: string, atMs: number, word: string): void {
    const sentence = this.#sentences.get(callSid)
    sentence?.cancel()
    const cancel = this.#clock.after(PAUSE_MS, () => {
      this.#flush(callSid)
    })
    this.#sentences.set(callSid, {
      words: [...(sentence?.words ?? []), word],
      atMs: sentence?.atMs ?? atMs,
      cancel,
    })
  }

  #flush(callSid: string): void {
    const sentence = this.#sentences.get(callSid)
    if (!sentence) return
    sentence.cancel()
    this.#sentences.delete(callSid)
    this.#line(
      { callSid, atMs: sentence.atMs },
      'agent',
      styleText('cyan', sentence.words.join(' ')),
    )
  }

  #line({ callSid, atMs }: { callSid: string; atMs: number }, who: string, text: string): void {
    const call = `…${(this.#numbers.get(callSid) ?? 'inbound').slice(-4)}`
    this.#write(
      `${styleText('dim', `${call} ${timeOf(atMs)}`)}  ${who.padEnd(NAME_COLUMNS)}${text}\n`,
    )
  }
}

/** Time since the answer, as minutes and seconds. */
export function timeOf(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000))
  return `${String(Math.floor(seconds / 60)).padStart(2)}:${String(seconds % 60).padStart(2, '0')}`
}
