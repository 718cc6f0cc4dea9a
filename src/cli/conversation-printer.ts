import { styleText } from 'node:util'
import type { DialEvent, TwilioEvent } from '../simulator/twilio-events.ts'
import { timeOf } from './call-lines-printer.ts'

export type Names = { readonly agent: string; readonly person: string }

const NAME_COLUMNS = 8

/**
 * Prints one call as it is heard: the agent word by word as each reaches the person's ear, the person as they begin to
 * speak.
 */
export class ConversationPrinter {
  readonly #write: (text: string) => void
  readonly #names: Names
  #speaking: string | undefined

  constructor(options: { write: (text: string) => void; names: Names }) {
    this.#write = options.write
    this.#names = options.names
  }

  print(event: TwilioEvent): void {
    const { agent, person } = this.#names
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
      case 'agent_pressed':
        this.#line(`        ${agent} presses ${event.digit}`)
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
      case 'command_arrived':
        return
      default:
        this.#printDialled(event)
    }
  }

  #printDialled(event: DialEvent): void {
    if (event.type === 'other_word') this.#say(event, 'Other', event.word)
    else if (event.type === 'dialled') this.#line(`        ${event.number} is dialled, too …`)
    else this.#line(`        ${event.number}: ${event.status}`)
  }

  #say({ atMs }: TwilioEvent, name: string, text: string): void {
    if (this.#speaking !== name) {
      this.#endTurn()
      this.#write(`${styleText('dim', timeOf(atMs))}  ${name.padEnd(NAME_COLUMNS)}`)
      this.#speaking = name
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
