import type { SessionFailure } from '../../src/pipeline/session-end.ts'
import { initialTurn, step } from '../../src/pipeline/turn.ts'
import type {
  CallerMeaning,
  TurnEffect,
  TurnEvent,
  TurnState,
} from '../../src/pipeline/turn-events.ts'

/** Events of the turn machine, and the beginnings of calls that are made of them. */

export const failure: SessionFailure = {
  by: 'anthropic',
  code: 'timeout',
  message: 'no answer',
}

export const words: TurnEvent = { type: 'caller_words', aside: false, guarded: false }
export const aside: TurnEvent = { type: 'caller_words', aside: true, guarded: false }
export const guardedWords: TurnEvent = { type: 'caller_words', aside: false, guarded: true }

type TurnEnded = Extract<TurnEvent, { type: 'caller_turn_ended' }>

export function ended(
  text: string,
  means: CallerMeaning = text.trim() === '' ? 'nothing' : 'words',
  more: Partial<TurnEnded> = {},
): TurnEnded {
  return {
    type: 'caller_turn_ended',
    text,
    means,
    guarded: false,
    asGuessed: false,
    expectsBeep: false,
    ...more,
  }
}

export const fired = (timer: Extract<TurnEvent, { type: 'timer_fired' }>['timer']): TurnEvent => ({
  type: 'timer_fired',
  timer,
})

export const started: TurnEvent[] = [{ type: 'started' }, { type: 'answered' }]
export const onLine: TurnEvent[] = [...started, { type: 'line_attached', firstSpeaker: 'agent' }]
export const waitingForHello: TurnEvent[] = [
  ...started,
  { type: 'line_attached', firstSpeaker: 'auto' },
]
export const speaking: TurnEvent[] = [...onLine, { type: 'reply_audio', reply: 1 }]
export const heardOpening: TurnEvent[] = [
  ...speaking,
  { type: 'reply_sent', reply: 1 },
  { type: 'reply_heard', reply: 1 },
]
export const asked: TurnEvent[] = [...heardOpening, words, ended('Yes.')]
export const answering: TurnEvent[] = [...asked, { type: 'reply_audio', reply: 2 }]
export const goodbye: TurnEvent[] = [
  ...answering,
  { type: 'reply_sent', reply: 2, then: 'hang_up' },
]

export function run(
  events: readonly TurnEvent[],
  from: TurnState = initialTurn,
): { state: TurnState; effects: readonly TurnEffect[] } {
  let state = from
  let effects: readonly TurnEffect[] = []
  for (const event of events) ({ state, effects } = step(state, event))
  return { state, effects: others(effects) }
}

/** All but the clock of dead air, which runs in every turn of the agent and has tests of its own. */
export function others(effects: readonly TurnEffect[]): readonly TurnEffect[] {
  return effects.filter(({ type }) => !type.endsWith('dead_air'))
}

/** Effects as short words: `start_reply 2`, `stop_timer silence`. */
export const kinds = (effects: readonly TurnEffect[]) =>
  others(effects).map((effect) => {
    if ('reply' in effect) return `${effect.type} ${effect.reply}`
    return 'timer' in effect ? `${effect.type} ${effect.timer}` : effect.type
  })
