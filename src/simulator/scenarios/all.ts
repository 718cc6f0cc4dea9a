import type { Scenario } from '../scenario.ts'
import { anybody } from './anybody.ts'
import { atoms } from './atoms.ts'
import * as brokenVendors from './broken-vendors.ts'
import { dentist } from './dentist.ts'
import * as guarded from './guarded.ts'
import * as guesses from './guesses.ts'
import { helloFirst } from './hello-first.ts'
import { inbound } from './inbound.ts'
import * as interruptions from './interruptions.ts'
import * as languages from './languages.ts'
import * as lines from './lines.ts'
import * as machines from './machines.ts'
import { mastraFollowUp } from './mastra-follow-up.ts'
import * as patience from './patience.ts'
import * as pauses from './pauses.ts'
import { recorded } from './recorded.ts'
import * as spoken from './spoken.ts'
import * as tools from './tools.ts'
import * as unanswered from './unanswered.ts'

/** Every scenario, in the order of `npm run demo -- --list`. */
export const scenarios: readonly Scenario[] = [
  dentist,
  helloFirst,
  inbound,
  ...Object.values(interruptions),
  ...Object.values(guarded),
  ...Object.values(pauses),
  ...Object.values(patience),
  ...Object.values(tools),
  ...Object.values(machines),
  // Nothing in a script can keep Twilio from asking for another stream.
  ...Object.values(lines).filter((scenario) => scenario !== lines.lostForGood),
  ...Object.values(languages),
  ...Object.values(spoken),
  ...Object.values(guesses),
  recorded,
  mastraFollowUp,
  atoms,
  ...Object.values(unanswered),
  ...Object.values(brokenVendors),
  anybody,
]
