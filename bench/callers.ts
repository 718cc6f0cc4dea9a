import { systemClock } from '../src/clock.ts'
import { startTwilio, type SimulatedTwilio, type TwilioEvent } from '../src/simulator/twilio.ts'
import { Violations } from '../src/simulator/violations.ts'
import {
  type CallOutcome,
  type CallQuestions,
  type CallReport,
  type Placement,
  PLACING_GAP_MS,
  type ServerName,
  SERVERS,
} from './call-questions.ts'
import { BENCH_ACTION, type BenchCall, benchCall, compareHearing } from './conversation.ts'
import { watchUsage } from './process-usage.ts'
import { machineMs, type Moment, type Stamp } from './stamps.ts'
import { answerParent } from './worker.ts'

/**
 * The people at the phones, and a Twilio for each server. Every call is placed as a user would do it, by
 * `POST /api/phone/call`.
 */
const ACCOUNT_SID = `AC${'0'.repeat(32)}`
const AUTH_TOKEN = 'bench'
const OWN_NUMBER = '+15550000000'
const PUBLIC_HOST = 'bench.parley.example'
const API_KEY = 'bench'
/** A call that talks for so long in every turn, and longer, has got stuck. */
const LONGEST_TURN_MS = 12_000
const LONGEST_GREETING_MS = 20_000

const clock = systemClock
const violations = new Violations()
let stamps: Stamp[] = []

type World = { readonly twilio: SimulatedTwilio; readonly people: Map<string, LiveCall> }

type LiveCall = {
  readonly server: ServerName
  readonly script: BenchCall
  /** Resolves when the agent is first heard, or the call is over. */
  readonly talking: PromiseWithResolvers<undefined>
  readonly over: PromiseWithResolvers<undefined>
  failure?: string
}

const urls = new Map<ServerName, string>()
const worlds = new Map<ServerName, World>()
const byCallSid = new Map<string, LiveCall>()
let live: LiveCall[] = []
let deadlineMs = 0

for (const server of SERVERS) worlds.set(server, await startWorld(server))

async function startWorld(server: ServerName): Promise<World> {
  const people = new Map<string, LiveCall>()
  const twilio = await startTwilio({
    clock,
    violations,
    accountSid: ACCOUNT_SID,
    authToken: AUTH_TOKEN,
    publicHost: PUBLIC_HOST,
    serverUrl: () => urls.get(server) ?? '',
    personAt: (number) => people.get(number)?.script.person ?? { answer: 'failed', does: [] },
    // The network's own delays are not ours; recordings would be the memory of this process.
    knobs: { setupMs: 0, answeredLeadMs: 0, streamConnectMs: 0, record: false },
    on: (event) => {
      observe(people, event)
    },
  })
  return { twilio, people }
}

function momentOf(event: TwilioEvent): Moment | undefined {
  switch (event.type) {
    case 'answered':
      return 'picked_up'
    case 'command_arrived':
      return event.command === 'mark' ? undefined : `${event.command}_got`
    case 'ended':
      return 'over'
    default:
      return undefined
  }
}

function observe(people: ReadonlyMap<string, LiveCall>, event: TwilioEvent): void {
  const atMs = machineMs()
  if (event.type === 'ringing') {
    const call = people.get(event.to)
    if (call) byCallSid.set(event.callSid, call)
  }
  const what = momentOf(event)
  const call = byCallSid.get(event.callSid)
  if (!what || !call) return
  stamps.push({ what, code: call.script.code, atMs })
  if (what === 'media_got' || what === 'over') call.talking.resolve(undefined)
  if (what === 'over') call.over.resolve(undefined)
}

async function place(placements: readonly Placement[]): Promise<undefined> {
  const calls = interleaved(placements.map(callsOf))
  const turns = Math.max(...placements.map((placement) => placement.turns))
  deadlineMs =
    clock.now() + calls.length * PLACING_GAP_MS + LONGEST_GREETING_MS + turns * LONGEST_TURN_MS
  live = calls
  for (const { server, url } of placements) urls.set(server, url)
  const startMs = clock.now()
  for (const [index, call] of calls.entries()) {
    await clock.sleep(Math.max(0, startMs + index * PLACING_GAP_MS - clock.now()))
    void request(call)
  }
  const talking = Promise.all(calls.map((call) => call.talking.promise))
  await Promise.race([talking, clock.sleep(LONGEST_GREETING_MS)])
  return undefined
}

function callsOf({ server, calls, turns, hesitant }: Placement): LiveCall[] {
  return calls.map((number) => {
    const call: LiveCall = {
      server,
      script: benchCall(number, turns, { hesitant }),
      talking: Promise.withResolvers<undefined>(),
      over: Promise.withResolvers<undefined>(),
    }
    worlds.get(server)?.people.set(call.script.phoneNumber, call)
    return call
  })
}

/** The first of each, the second of each, and so on. */
function interleaved<T>(lists: readonly (readonly T[])[]): T[] {
  const longest = Math.max(...lists.map((list) => list.length))
  return Array.from({ length: longest }, (_, index) =>
    lists.flatMap((list) => list.slice(index, index + 1)),
  ).flat()
}

/** Asks the server for a call. */
async function request(call: LiveCall): Promise<void> {
  const { phoneNumber, opening } = call.script
  try {
    const response = await fetch(`${urls.get(call.server) ?? ''}/api/phone/call`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${API_KEY}` },
      body: JSON.stringify({
        phone_number: phoneNumber,
        action: BENCH_ACTION,
        opening,
        first_speaker: 'agent',
      }),
    })
    const answer = await response.text()
    if (!response.ok) throw new Error(`refused with ${response.status}: ${answer}`)
  } catch (error) {
    call.failure = error instanceof Error ? error.message : String(error)
    call.talking.resolve(undefined)
    call.over.resolve(undefined)
  }
}

async function finish(): Promise<CallReport> {
  const over = Promise.all(live.map((call) => call.over.promise))
  await Promise.race([over, clock.sleep(Math.max(0, deadlineMs - clock.now()))])
  const report = { stamps, outcomes: live.map(outcomeOf), violations: violations.list }
  stamps = []
  byCallSid.clear()
  return report
}

function outcomeOf(call: LiveCall): CallOutcome {
  const { server, script } = call
  const { code, turns, person } = script
  const simulated = worlds
    .get(server)
    ?.twilio.calls()
    .find(({ to }) => to === script.phoneNumber)
  const heard = simulated?.heardText() ?? ''
  const hearing = compareHearing(script, heard)
  if (hearing.wordsWrong > 0) {
    const said = turns.map(({ says, reply }) => `${says} → ${reply}`)
    console.log(`${code} was to hear\n${said.join('\n')}\nand heard\n${heard}`)
  }
  if (call.failure !== undefined) return { server, code, failure: call.failure, ...hearing }
  const said = simulated?.said.length ?? 0
  const status = simulated?.status ?? 'never dialled'
  const toSay = person.does.filter((step) => 'say' in step).length
  const whole = status === 'completed' && said === toSay
  const failure = whole ? undefined : `${status} after saying ${said} of ${toSay} things`
  return { server, code, failure, ...hearing }
}

answerParent<CallQuestions>(
  {
    environment: (server) => ({
      TWILIO_ACCOUNT_SID: ACCOUNT_SID,
      TWILIO_AUTH_TOKEN: AUTH_TOKEN,
      TWILIO_PHONE_NUMBER: OWN_NUMBER,
      TWILIO_BASE_URL: worlds.get(server)?.twilio.url ?? '',
      PUBLIC_HOST,
      API_KEYS: API_KEY,
      // It is to be as busy as it can, and its people have any number.
      DIAL_ALLOWED_PREFIXES: '+',
      KEY_DIALS_PER_SECOND: '0',
      KEY_MAX_CALLS: '0',
      KEY_CALLS_PER_HOUR: '0',
      KEY_MINUTES_PER_DAY: '0',
      RATE_LIMIT_PER_KEY: '0',
      RATE_LIMIT_PER_ADDRESS: '0',
      AI_DISCLOSURE: 'false',
    }),
    usage: watchUsage(),
    place,
    firstOver: async () => {
      await Promise.race(live.map((call) => call.over.promise))
      return undefined
    },
    finish,
  },
  async () => {
    await Promise.all([...worlds.values()].map(({ twilio }) => twilio.close()))
  },
)
