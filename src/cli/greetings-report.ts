import { styleText } from 'node:util'
import type { AnsweredBy } from '../pipeline/answering/answered-by.ts'
import type { GreetingKind } from '../simulator/greetings/greeting.ts'
import { type Hearing, isRight, percent, type Scores } from './greeting-scores.ts'

const KINDS: readonly GreetingKind[] = [
  'person',
  'voicemail',
  'mailbox_full',
  'ivr',
  'screening',
  'carrier',
]

const HEADINGS: Readonly<Record<GreetingKind, string>> = {
  person: 'person',
  voicemail: 'voicemail',
  mailbox_full: 'full',
  ivr: 'menu',
  screening: 'screening',
  carrier: 'carrier',
}

const FIRST_COLUMN = 14
const COLUMN = 11

/** One half's confusion matrix (a row for each kind, a column for what it was taken for), and everything that went wrong. */
export function reportOf(half: string, scores: Scores): string {
  const { hearings, accuracy, personRecall } = scores
  const wrong = hearings.filter((hearing) => !isRight(hearing))
  return [
    styleText('bold', `${half}: ${hearings.length} greetings`),
    row('', [...KINDS.map((kind) => HEADINGS[kind]), 'recall', 'precision', 'asks model']),
    ...KINDS.map((kind) => rowOf(kind, hearings)),
    `accuracy ${percent(accuracy)}, people recognised ${percent(personRecall)}`,
    ...wrong.map(describeMiss),
  ].join('\n')
}

function rowOf(kind: GreetingKind, hearings: readonly Hearing[]): string {
  const actual = hearings.filter(({ greeting }) => greeting.kind === kind)
  const taken = hearings.filter(({ verdict }) => verdict === kind)
  const right = actual.filter(isRight).length
  return row(kind, [
    ...KINDS.map((other) => count(actual, other)),
    percent(right / actual.length),
    percent(right / taken.length),
    String(actual.filter(({ isUnsure }) => isUnsure).length),
  ])
}

function count(hearings: readonly Hearing[], as: AnsweredBy): string {
  const times = hearings.filter(({ verdict }) => verdict === as).length
  return times === 0 ? '.' : String(times)
}

function row(name: string, cells: readonly string[]): string {
  return name.padEnd(FIRST_COLUMN) + cells.map((cell) => cell.padStart(COLUMN)).join('')
}

function describeMiss({ greeting, verdict, isUnsure }: Hearing): string {
  const asks = isUnsure ? ', asks the model' : ''
  const { kind, language, text } = greeting
  return styleText('yellow', `- ${language} ${kind} taken for ${verdict}${asks}: “${text}”`)
}
