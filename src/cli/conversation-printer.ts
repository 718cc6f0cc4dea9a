import { styleText } from 'node:util'
import type { TwilioEvent } from '../simulator/twilio-events.ts'

export type Names = { readonly agent: string; readonly person: string }

const NAME_COLUMNS = 8

/**
 * Prints calls as they are heard: the agent word by word as each reaches the person's ear, the person as they begin to
 * speak. With several calls at once each line says which it belongs to.
 */
export class ConversationPrinter {
  readonly #write: (text: string) => void
  readonly #namesOf: (callSid: string) => Names
  #speaking: string | undefined

  constructor(options: { write: (text: string) => void; namesOf: (callSid: string) => Names }) {
    this.#write = options.write
    this.#namesOf = options.namesOf
  }

  print(event: TwilioEvent): void {
    const { agent, person } = this.#namesOf(event.callSid)
    switch (event.type) {
      case 'ringing':
        this.#line(`${event.to} rings …`)
        return
      case 'answered':
        this.#line('Somebody picks up.\n')
        return
      case 'agent_word':
        this.#say(event, agent, styleText('cyan', event.word))
        return
      case 'person_said':
        this.#endTurn()
        this.#say(event, person, event.text.trim())
        this.#endTurn()
        return
      case 'person_pressed':
        this.#line(`        ${person} presses ${event.digit}`)
        return
      case 'cleared':
        if (event.droppedMs > 0) this.#write(styleText('yellow', ' — (cut off)'))
        this.#endTurn()
        return
      case 'ended':
        this.#line(`\nThe call is over: ${event.status}.`)
        return
      case 'callback_failed':
        this.#line(styleText('red', `callback to ${event.url} failed: ${event.reason}`))
        return
      case 'stream_started':
      case 'agent_audio':
        return
    }
  }

  #say({ callSid, atMs }: TwilioEvent, name: string, text: string): void {
    const speaking = `${callSid} ${name}`
    if (this.#speaking !== speaking) {
      this.#endTurn()
      this.#write(`${styleText('dim', time(atMs))}  ${name.padEnd(NAME_COLUMNS)}`)
      this.#speaking = speaking
    }
    this.#write(` ${text}`)
  }

  #endTurn(): void {
    if (this.#speaking !== undefined) this.#write('\n')
    this.#speaking = undefined
  }

  #line(text: string): void {
    this.#endTurn()
    this.#write(`${text}\n`)
  }
}

function time(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000))
  return `${String(Math.floor(seconds / 60)).padStart(2)}:${String(seconds % 60).padStart(2, '0')}`
}
