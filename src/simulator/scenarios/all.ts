import type { Scenario } from '../scenario.ts'
import { anybody } from './anybody.ts'
import { deaf, modelDown, voiceDown } from './broken-vendors.ts'
import { dentist } from './dentist.ts'
import { helloFirst } from './hello-first.ts'
import { inbound } from './inbound.ts'
import {
  backchannel,
  halfSentence,
  hangUpMidSentence,
  interruptAfterGeneration,
  interruptEarly,
  interruptLate,
  oneMoreThing,
  presses,
} from './interruptions.ts'
import { busy, noAnswer, silent, unreachable } from './unanswered.ts'

/** Every scenario, in the order of `npm run demo -- --list`. */
export const scenarios: readonly Scenario[] = [
  dentist,
  helloFirst,
  interruptEarly,
  interruptLate,
  interruptAfterGeneration,
  backchannel,
  halfSentence,
  oneMoreThing,
  presses,
  hangUpMidSentence,
  inbound,
  silent,
  busy,
  noAnswer,
  unreachable,
  modelDown,
  voiceDown,
  deaf,
  anybody,
]
