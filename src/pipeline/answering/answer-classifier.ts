import type { AnsweredBy } from './answered-by.ts'
import {
  announcesTone,
  classifyGreeting,
  type GreetingVerdict,
  isHello,
} from './classify-greeting.ts'

export type AnswerVerdict = {
  readonly answeredBy: AnsweredBy
  /** What it was told by; `carrier`: the carrier's own machine detection, `model`: an `AnswerJudge`. */
  readonly by: 'words' | 'tone' | 'carrier' | 'model'
}

/** So much of what was said is kept: no greeting is longer. */
const MOST_CHARACTERS = 2000

/**
 * Who answered the phone, by all that is heard of them: a tally of votes that changes its mind as they come. It never waits
 * for anything, so that a person never does: until something speaks for a machine, or when nothing is known, a call goes on as
 * with a person.
 *
 * What counts, the first of these that there is:
 *
 * 1. What was settled last, by
 *    - clear words: such as only a machine says, or only a person; a mere “hello” when the turn is over with it;
 *    - a fax tone, unless a mailbox had announced a tone: it may beep on that very frequency;
 *    - the three special information tones, unless clear words came before: some people ward off callers with them;
 *    - a beep after words, or a detection, that point to voicemail; a beep alone says nothing;
 *    - the model, asked about words that are not clear. Clear words that come meanwhile are newer than its answer.
 * 2. The carrier's machine detection, which is wrong about one call in ten (Twilio's own figure: 85 to 90 % are right).
 * 3. Words that could be a person's as well as the beginning of a machine's: a person.
 *
 * So clear words of a person reverse whatever was thought before: somebody picks up during the greeting, behind the screening,
 * at the end of a queue. A mailbox's own menu (“press one for more options”) does not make it a menu.
 */
export class AnswerClassifier {
  readonly #language: string
  #settled: AnswerVerdict | undefined
  #detected: AnsweredBy | undefined
  /** Words that have settled nothing are those of a person, as far as one knows. */
  #soundsLikePerson = false
  /** The last words that are not clear point to voicemail. */
  #soundsLikeVoicemail = false
  /** Somebody has said what only people say: a conversation has begun, and turns are no longer parts of a greeting. */
  #isTalking = false
  #isUnsure = false
  #expectsMessageCue = false
  /** Turns that are over, the last ones of them. */
  #said = ''
  /** Turns since something was settled: a greeting that pauses comes in several. */
  #unsettled = ''
  /** The turn that goes on. */
  #turn = ''

  /** @param language BCP 47 */
  constructor(language: string) {
    this.#language = language
  }

  get current(): AnswerVerdict | undefined {
    if (this.#settled) return this.#settled
    if (this.#detected) return { answeredBy: this.#detected, by: 'carrier' }
    return this.#soundsLikePerson ? { answeredBy: 'person', by: 'words' } : undefined
  }

  /**
   * Whether the model should be asked about `greeting`: a turn is over that the rules cannot place, or that sounds like a
   * person where a machine was thought to be.
   */
  get isUnsure(): boolean {
    return this.#isUnsure
  }

  /** All that was said so far, a line for each turn. */
  get greeting(): string {
    return tail(joined(this.#said, this.#turn, '\n'))
  }

  /** Whether the greeting announces a beep, for which one had better wait before leaving a message. */
  get expectsMessageCue(): boolean {
    return this.#expectsMessageCue
  }

  /**
   * @param text the words of the turn so far, from its beginning
   * @param at `final` when the turn is over; the next words begin another
   * @returns the new verdict, if it has changed; so do all votes
   */
  words(text: string, at: 'partial' | 'final'): AnswerVerdict | undefined {
    if (text.trim() === '') return undefined
    const before = this.current
    if (announcesTone(text)) this.#expectsMessageCue = true
    const answeredBy = this.#clearWords(text, at)
    if (answeredBy) {
      this.#settle(answeredBy, 'words')
      if (isHello(text, this.#language)) this.#isTalking = false
    }
    if (at === 'final') this.#endTurn(text, answeredBy !== undefined)
    else this.#turn = text
    return this.#changed(before)
  }

  /** A tone that has ended: see `ToneDetector`. */
  tone(kind: 'beep' | 'fax' | 'sit'): AnswerVerdict | undefined {
    const before = this.current
    const byWords = this.#settled?.by === 'words' ? this.#settled.answeredBy : undefined
    if (kind === 'beep') {
      const isLikely = this.#soundsLikeVoicemail || this.#detected === 'voicemail'
      if (!this.#settled && isLikely) this.#settle('voicemail', 'tone')
    } else if (kind === 'sit') {
      if (!byWords) this.#settle('carrier', 'tone')
    } else if (byWords !== 'voicemail' || !this.#expectsMessageCue) this.#settle('fax', 'tone')
    return this.#changed(before)
  }

  /** @param answeredBy Twilio's `AnsweredBy`: `human`, `machine_start`, `machine_end_…`, `fax`, `unknown` */
  carrier(answeredBy: string): AnswerVerdict | undefined {
    const before = this.current
    if (answeredBy === 'human') this.#detected = 'person'
    else if (answeredBy === 'fax') this.#detected = 'fax'
    else if (answeredBy.startsWith('machine_')) this.#detected = 'voicemail'
    return this.#changed(before)
  }

  /** The model's answer about `greeting`. Comes to nothing when clear words have come meanwhile. */
  judged(answeredBy: AnsweredBy): AnswerVerdict | undefined {
    if (!this.#isUnsure) return undefined
    const before = this.current
    this.#settle(answeredBy, 'model')
    return this.#changed(before)
  }

  /** Whom the words of a turn give away, if they do. */
  #clearWords(text: string, at: 'partial' | 'final'): AnsweredBy | undefined {
    const own = classifyGreeting(text, this.#language)
    // A greeting may pause in the middle of what gives it away: “Please leave a” “message for Sarah.”
    const all = this.#withPauses(text)
    if (own?.verdict === 'person') this.#soundsLikePerson = true
    this.#soundsLikeVoicemail = all?.verdict === 'voicemail'
    if (own?.sure === true) return this.#withoutOwnMenu(own.verdict)
    if (at === 'final' && this.#isPickedUp(text, own?.verdict)) return 'person'
    if (all?.sure !== true || all.verdict === 'person') return undefined
    return this.#withoutOwnMenu(all.verdict)
  }

  #withoutOwnMenu(answeredBy: AnsweredBy): AnsweredBy {
    return answeredBy === 'ivr' && this.#settled?.answeredBy === 'voicemail'
      ? 'voicemail'
      : answeredBy
  }

  #withPauses(text: string): GreetingVerdict | undefined {
    return classifyGreeting(joined(this.#unsettled, text, ' '), this.#language)
  }

  /** A turn of a person who does not say anything that only people say. */
  #isPickedUp(text: string, likely: AnsweredBy | undefined): boolean {
    if (isHello(text, this.#language)) return true
    // Who was asked by a screening assistant comes on the line with whatever words.
    return likely === 'person' && this.#settled?.answeredBy === 'screening'
  }

  #settle(answeredBy: AnsweredBy, by: AnswerVerdict['by']): void {
    this.#settled = { answeredBy, by }
    this.#isTalking = answeredBy === 'person'
    this.#isUnsure = false
    this.#unsettled = ''
    if (answeredBy === 'person') this.#expectsMessageCue = false
  }

  #endTurn(text: string, isClear: boolean): void {
    this.#said = tail(joined(this.#said, text, '\n'))
    this.#turn = ''
    if (isClear) return
    const own = classifyGreeting(text, this.#language)?.verdict
    const isMachine = this.current !== undefined && this.current.answeredBy !== 'person'
    if (isMachine) this.#isUnsure = own === undefined || own === 'person'
    else if (this.#isTalking) this.#isUnsure = own !== undefined && own !== 'person'
    else this.#isUnsure = this.#withPauses(text)?.verdict !== 'person'
    if (!this.#isTalking) this.#unsettled = tail(joined(this.#unsettled, text, ' '))
  }

  #changed(before: AnswerVerdict | undefined): AnswerVerdict | undefined {
    const now = this.current
    return now?.answeredBy === before?.answeredBy ? undefined : now
  }
}

function joined(before: string, text: string, by: string): string {
  return before === '' || text === '' ? before + text : before + by + text
}

function tail(text: string): string {
  return text.slice(-MOST_CHARACTERS)
}
