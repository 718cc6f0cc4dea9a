import { AnswerClassifier } from '../pipeline/answering/answer-classifier.ts'
import type { AnsweredBy } from '../pipeline/answering/answered-by.ts'
import type { Greeting } from '../simulator/greetings/greeting.ts'

/** What a call would have made of a greeting, without a model to ask. */
export type Hearing = {
  readonly greeting: Greeting
  /** At its end. What nobody can tell is treated as a person. */
  readonly verdict: AnsweredBy
  /** Whether the model would have been asked. */
  readonly isUnsure: boolean
  /** The words, from the first on, at which it was first taken for a machine. */
  readonly machineAt: string | undefined
}

export type Scores = {
  readonly hearings: readonly Hearing[]
  /** Shares, 0 to 1. */
  readonly accuracy: number
  readonly personRecall: number
}

/**
 * What the labelled greetings must come out at for a change of the rules to be good. People come first: one who is taken for a
 * machine waits on a silent line, while a machine that is taken for a person for a moment costs a few words. The margins leave
 * room for two or three greetings that only a model understands.
 */
export const GATE = { holdoutAccuracy: 0.95, holdoutPersonRecall: 0.97 } as const

/** Plays greetings to the classifier as speech-to-text gives them: word by word, and then as a whole. */
export function scoresOf(greetings: readonly Greeting[]): Scores {
  const hearings = greetings.map(hear)
  const people = hearings.filter(({ greeting }) => greeting.kind === 'person')
  return { hearings, accuracy: shareRight(hearings), personRecall: shareRight(people) }
}

function hear(greeting: Greeting): Hearing {
  const classifier = new AnswerClassifier(greeting.language)
  const words = greeting.text.split(' ')
  let machineAt: string | undefined
  words.forEach((_, i) => {
    const soFar = words.slice(0, i + 1).join(' ')
    classifier.words(soFar, i + 1 < words.length ? 'partial' : 'final')
    if (verdictOf(classifier) !== 'person') machineAt ??= soFar
  })
  return { greeting, verdict: verdictOf(classifier), isUnsure: classifier.isUnsure, machineAt }
}

function verdictOf({ current }: AnswerClassifier): AnsweredBy {
  return current?.answeredBy ?? 'person'
}

function shareRight(hearings: readonly Hearing[]): number {
  return hearings.filter(isRight).length / hearings.length
}

export function isRight({ greeting, verdict }: Hearing): boolean {
  return verdict === greeting.kind
}

/** What is not as good as it has to be, a line each. */
export function shortcomings(tuning: Scores, holdout: Scores): readonly string[] {
  const mistaken = [...tuning.hearings, ...holdout.hearings].filter(
    ({ greeting, machineAt }) => greeting.kind === 'person' && machineAt !== undefined,
  )
  return [
    ...mistaken.map(({ machineAt }) => `a person is taken for a machine at “${machineAt ?? ''}”`),
    ...below('accuracy in the holdout half', holdout.accuracy, GATE.holdoutAccuracy),
    ...below(
      'recall of people in the holdout half',
      holdout.personRecall,
      GATE.holdoutPersonRecall,
    ),
  ]
}

function below(what: string, share: number, least: number): readonly string[] {
  return share >= least ? [] : [`${what} is ${percent(share)}, and must be ${percent(least)}`]
}

export function percent(share: number): string {
  return Number.isNaN(share) ? '-' : `${(100 * share).toFixed(1)} %`
}
