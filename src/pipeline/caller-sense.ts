import { isBackchannel, isQuestionOpen, mayBecomeBackchannel } from './backchannel.ts'
import { isFarewell } from './farewell.ts'
import { isHoldRequest } from './hold.ts'
import type { CallerMeaning } from './turn-events.ts'

/** What the agent is saying: the words heard so far, and all of them as far as they are written. */
export type Saying = { readonly heard: string; readonly text: string }

/** Tells what a caller's words amount to, in the language of the call. */
export class CallerSense {
  readonly #language: () => string
  readonly #backchannels: readonly string[]

  /** `backchannels`: words on top of the language's own that only say “go on”. */
  constructor(language: () => string, backchannels: readonly string[]) {
    this.#language = language
    this.#backchannels = backchannels
  }

  /**
   * Whether words are a mere backchannel in the middle of what the agent says, rather than an answer, an objection or a
   * question. Of an utterance that is still going on: whether it may turn out to be one.
   */
  isAside(text: string, { heard, text: all }: Saying, at: 'partial' | 'final' = 'final'): boolean {
    const fits = at === 'final' ? isBackchannel : mayBecomeBackchannel
    return fits(text, this.#language(), this.#backchannels) && !isQuestionOpen(heard, all)
  }

  /** What a whole turn means, unless it is an aside. */
  meaningOf(text: string): Exclude<CallerMeaning, 'aside'> {
    if (text.trim() === '') return 'nothing'
    if (isHoldRequest(text, this.#language())) return 'hold'
    return isFarewell(text, this.#language()) ? 'farewell' : 'words'
  }
}
