import { z } from 'zod'
import type { Clock } from '../clock.ts'
import { differencesHeard, differencesSaid } from '../simulator/judge.ts'
import type { Scenario } from '../simulator/scenario.ts'
import type { SimulatedCall } from '../simulator/simulated-call.ts'
import { withToolServer } from '../simulator/tool-server.ts'
import { closedRecord, newestCallId, placeCall, type CallJson } from './call-record.ts'
import type { DemoWorld } from './demo-world.ts'

export type DemoResult = {
  readonly record: CallJson
  readonly call: SimulatedCall
  /** Everything that is wrong, as sentences; empty when nothing is. */
  readonly problems: readonly string[]
}

/** How long a simulated call may be asked for before it is there. */
const APPEAR_TIMEOUT_MS = 10_000

/** Carries one scenario's call out in a world, to its end, and judges the record by what was heard and said. */
export async function runScenario(
  world: DemoWorld,
  scenario: Scenario,
  clock: Clock,
): Promise<DemoResult> {
  const { simulator, url } = world
  const before = new Set(simulator.twilio.calls())
  const body = withToolServer(scenario.call, simulator.tools.url)
  const callId = scenario.direction === 'outbound' ? await placeCall(url, body) : undefined
  if (callId === undefined) {
    simulator.twilio.callInbound(scenario.call.phone_number, simulator.ownNumber)
  }
  const call = await appeared(
    () => simulator.twilio.calls().find((each) => !before.has(each)),
    clock,
  )
  await call.ended
  const record = await closedRecord(url, callId ?? (await newestCallId(url)), clock)
  const pronunciation = Pronunciation.parse(scenario.call['pronunciation'])
  return { record, call, problems: problemsOf(world, record, call, pronunciation) }
}

const Pronunciation = z.record(z.string(), z.string()).default({})

/**
 * What a record, the person's ear and the vendors' stand-ins disagree about.
 *
 * @param pronunciation the call's dictionary: the record has its words as they are written, the ear as they are said
 */
export function problemsOf(
  world: DemoWorld,
  record: CallJson,
  call: SimulatedCall,
  pronunciation: z.infer<typeof Pronunciation> = {},
): string[] {
  const said = (written: string) =>
    Object.entries(pronunciation).reduce((text, [as, say]) => text.replaceAll(as, say), written)
  const agent = record.transcript.flatMap(({ role, text, interrupted }) =>
    role === 'agent' ? [{ text: said(text ?? ''), interrupted: interrupted === true }] : [],
  )
  const caller = record.transcript.flatMap(({ role, text }) =>
    // Keys are on record as well, and nobody said them.
    role === 'caller' && text?.startsWith('(pressed') === false ? [text] : [],
  )
  return [
    ...differencesHeard(agent, call.heardText()),
    ...differencesSaid(
      caller,
      call.said.map(({ text }) => text),
    ),
    ...world.simulator.violations.list.map(
      ({ vendor, rule, detail }) => `${vendor} saw a violation of its protocol: ${rule} ${detail}`,
    ),
  ]
}

async function appeared<T>(find: () => T | undefined, clock: Clock): Promise<T> {
  const deadline = clock.now() + APPEAR_TIMEOUT_MS
  for (;;) {
    const found = find()
    if (found !== undefined) return found
    if (clock.now() > deadline) throw new Error('the call never reached the telephone network')
    await clock.sleep(20)
  }
}
