import { pino } from 'pino'
import { z } from 'zod'
import type { Cancel, Clock } from '../clock.ts'
import type { SimulatedCall } from '../simulator/simulated-call.ts'
import { withToolServer } from '../simulator/tool-server.ts'
import type { TwilioEvent } from '../simulator/twilio-events.ts'
import type { Violation } from '../simulator/violations.ts'
import { type CallJson, closedRecord, newestCallId } from './call-record.ts'
import type { ChaosPlan, PlannedFault } from './chaos-plan.ts'
import type { Outage } from './chaos-words.ts'
import { type ChaosWorld, startChaosWorld, type Told } from './chaos-world.ts'

/** What was seen of one call. */
export type ChaosCall = {
  readonly plan: ChaosPlan
  /** What the server said when it did not place the call. */
  readonly refusal: string | undefined
  /** Undefined when there is none that was ever closed. */
  readonly record: CallJson | undefined
  /** The call on the telephone network; undefined when nobody was rung. */
  readonly call: SimulatedCall | undefined
  /** How many calls there were on the telephone network. */
  readonly rung: number
  readonly isOver: boolean
  readonly outages: readonly Outage[]
  readonly told: readonly Told[]
  readonly violations: readonly Violation[]
  /** Connections to vendors that are still open some time after the end. */
  readonly openSockets: number
  /** The server's own log, at `error` and above. */
  readonly errors: readonly string[]
}

/** No call lasts longer, whatever goes wrong in it: its person has hung up by then. */
const LONGEST_CALL_MS = 100_000
const RECORD_MS = 20_000
const TOLD_MS = 20_000
const SOCKETS_MS = 12_000
/** Whoever is told twice is told again within this. */
const AGAIN_MS = 400
/** A line that has not come back by then does not. */
const LONGEST_OUTAGE_MS = 12_000
/** A stream is there by then. */
const LINE_THERE_MS = 400

const Placed = z.object({ call_id: z.string() })
const Refused = z.object({
  error: z.object({ details: z.object({ call_id: z.string().optional() }).optional() }),
})

/** Makes one call as planned, in a world of its own, and looks at what became of it. */
export async function makeCall(plan: ChaosPlan, clock: Clock): Promise<ChaosCall> {
  const errors: string[] = []
  const log = pino({ level: 'error' }, { write: (line: string) => errors.push(line) })
  const faults = new Faults(plan, clock)
  const world = await startChaosWorld({
    scenario: plan.scenario,
    clock,
    log,
    on: (event) => {
      faults.heed(event)
    },
  })
  faults.world = world
  try {
    await faults.strike('start')
    const { callId, refusal } = await ask(world, plan)
    const call = await rung(world, clock, refusal === undefined)
    const isOver = call === undefined || (await within(call.ended, LONGEST_CALL_MS, clock))
    await faults.healAll()
    const id = callId ?? (await newestCallId(world.url).catch(() => undefined))
    const record =
      id === undefined
        ? undefined
        : await closedRecord(world.url, id, clock, RECORD_MS).catch(() => undefined)
    await until(() => world.told.some(({ type }) => type === 'call.ended'), TOLD_MS, clock)
    await clock.sleep(AGAIN_MS)
    const open = () => openSockets(world)
    await until(() => open() === 0, SOCKETS_MS, clock)
    return {
      plan,
      refusal,
      record,
      call,
      rung: world.simulator.twilio.calls().length,
      isOver,
      outages: faults.outages,
      told: [...world.told],
      violations: [...world.simulator.violations.list],
      openSockets: open(),
      errors,
    }
  } finally {
    await faults.healAll()
    await world.close()
  }
}

/** Strikes and heals the faults of one call, and notes when there was no line. */
class Faults {
  world: ChaosWorld | undefined
  readonly outages: { fromMs: number; toMs: number }[] = []
  readonly #plan: ChaosPlan
  readonly #clock: Clock
  readonly #timers = new Set<Cancel>()
  readonly #underway = new Set<Promise<unknown>>()

  constructor(plan: ChaosPlan, clock: Clock) {
    this.#plan = plan
    this.#clock = clock
  }

  heed(event: TwilioEvent): void {
    if (event.type === 'answered') {
      void this.strike('answer')
      for (const planned of this.#plan.faults) {
        const { fault, atMs } = planned
        const from = fault.area === 'line' ? Math.max(atMs, LINE_THERE_MS) : atMs
        if (fault.when === 'during') this.#after(from, () => this.#strike(planned))
      }
    }
    if (event.type === 'stream_started') this.#lineIsBack(event.atMs)
    if (event.type === 'ended') for (const cancel of this.#timers) cancel()
  }

  async strike(when: 'start' | 'answer'): Promise<void> {
    for (const planned of this.#plan.faults) {
      if (planned.fault.when === when) await this.#strike(planned)
    }
  }

  /** Everything is as it should be from now on. */
  async healAll(): Promise<void> {
    for (const cancel of this.#timers) cancel()
    await Promise.all(this.#underway)
    const { world } = this
    if (!world) return
    for (const { fault } of this.#plan.faults) await fault.heal?.(world)
    for (const proxy of Object.values(world.proxies)) proxy.heal()
  }

  async #strike({ fault, chance, lastsMs }: PlannedFault): Promise<void> {
    const { world } = this
    if (!world) return
    const call = world.call()
    if (fault.area === 'line' && call?.answeredAt !== undefined && call.streamCount > 0) {
      const fromMs = this.#clock.now() - call.answeredAt
      this.outages.push({ fromMs, toMs: fromMs + LONGEST_OUTAGE_MS })
    }
    await fault.strike(world, chance)
    if (lastsMs !== undefined) this.#after(lastsMs, () => fault.heal?.(world))
  }

  #lineIsBack(atMs: number): void {
    const last = this.outages.at(-1)
    if (last && atMs < last.toMs) last.toMs = atMs
  }

  #after(ms: number, run: () => unknown): void {
    const cancel = this.#clock.after(ms, () => {
      this.#timers.delete(cancel)
      const running = Promise.resolve(run()).finally(() => this.#underway.delete(running))
      this.#underway.add(running)
    })
    this.#timers.add(cancel)
  }
}

async function ask(
  { simulator, url }: ChaosWorld,
  { scenario }: ChaosPlan,
): Promise<{ callId?: string | undefined; refusal?: string }> {
  if (scenario.direction === 'inbound') {
    simulator.twilio.callInbound(scenario.call.phone_number, simulator.ownNumber)
    return {}
  }
  const response = await fetch(`${url}/api/phone/call`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(withToolServer(scenario.call, simulator.tools.url)),
  })
  const body: unknown = await response.json()
  if (response.ok) return { callId: Placed.parse(body).call_id }
  const callId = Refused.safeParse(body).data?.error.details?.call_id
  return { callId, refusal: `${response.status} ${JSON.stringify(body)}` }
}

/** A call that the server says it has not placed may be on its way all the same. */
async function rung(
  world: ChaosWorld,
  clock: Clock,
  isPlaced: boolean,
): Promise<SimulatedCall | undefined> {
  await until(() => world.call() !== undefined, isPlaced ? 10_000 : AGAIN_MS, clock)
  return world.call()
}

function openSockets({ simulator: { deepgram, elevenLabs } }: ChaosWorld): number {
  return deepgram.connections() + elevenLabs.connections()
}

async function until(isSo: () => boolean, timeoutMs: number, clock: Clock): Promise<void> {
  const deadline = clock.now() + timeoutMs
  while (!isSo() && clock.now() < deadline) await clock.sleep(50)
}

async function within(work: Promise<unknown>, timeoutMs: number, clock: Clock): Promise<boolean> {
  const over = new AbortController()
  const isDone = work.then(() => true)
  const late = clock.sleep(timeoutMs, { signal: over.signal }).then(
    () => false,
    () => true,
  )
  const done = await Promise.race([isDone, late])
  over.abort(new Error('done'))
  return done
}
