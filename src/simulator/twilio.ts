import type { WebSocket } from 'ws'
import type { Clock } from '../clock.ts'
import { listenOnLoopback } from './loopback.ts'
import { warnOfMissingCallback } from './machine-detection.ts'
import { dial } from './outbound-dial.ts'
import type { Person } from './scenario.ts'
import type { SimulatedCall } from './simulated-call.ts'
import { Ticker } from './ticker.ts'
import type { TwilioAccount } from './twilio-account.ts'
import type { NewCall } from './twilio-call-forms.ts'
import { TwilioCall } from './twilio-call.ts'
import type { TwilioEvent } from './twilio-events.ts'
import { DEFAULT_KNOBS, type TwilioKnobs } from './twilio-knobs.ts'
import { twilioRest } from './twilio-rest.ts'
import { TwilioWebhooks } from './twilio-webhooks.ts'
import type { Violations } from './violations.ts'

export type { SimulatedCall } from './simulated-call.ts'
export type { TwilioEvent } from './twilio-events.ts'

export type TwilioOptions = {
  readonly clock: Clock
  readonly violations: Violations
  readonly accountSid: string
  readonly authToken: string
  /** The host that the server believes it is reached at; signatures are made for it. */
  readonly publicHost: string
  /** Where urls of `publicHost` are really dialled: `http://127.0.0.1:PORT`. */
  readonly serverUrl: string | (() => string)
  /** Who answers at a number, or rings from it. */
  readonly personAt: (number: string) => Person
  readonly port?: number
  readonly knobs?: Partial<TwilioKnobs>
  readonly on?: (event: TwilioEvent) => void
}

/** A Twilio account, the telephone network behind it, and the people on it. */
export type SimulatedTwilio = {
  /** Base of the REST API. */
  readonly url: string
  readonly knobs: TwilioKnobs
  /** In the order in which they were made. */
  calls(): readonly SimulatedCall[]
  /** Somebody rings a number of the account. */
  callInbound(from: string, to: string): SimulatedCall
  /** Ends what is left, and every connection. */
  close(): Promise<void>
}

/** What a number of the account is configured with. */
const VOICE_PATH = '/api/phone/twilio/voice'
const STATUS_PATH = '/api/phone/twilio/status'
const INBOUND_TIME_LIMIT_S = 14_400

/** Starts Twilio's stand-in on loopback. */
export async function startTwilio(options: TwilioOptions): Promise<SimulatedTwilio> {
  const { clock, publicHost, serverUrl, accountSid, authToken, personAt } = options
  const closing = new AbortController()
  const webhooks = new TwilioWebhooks({
    clock,
    authToken,
    publicHost,
    serverUrl: typeof serverUrl === 'string' ? () => serverUrl : serverUrl,
  })
  const account: TwilioAccount = {
    accountSid,
    publicHost,
    clock,
    knobs: { ...DEFAULT_KNOBS, ...options.knobs },
    ticker: new Ticker(clock),
    violations: options.violations,
    webhooks,
    sockets: new Set<WebSocket>(),
    signal: closing.signal,
    emit: options.on ?? (() => undefined),
  }
  const network = new Network(account, personAt)
  const rest = twilioRest({ accountSid, authToken, knobs: account.knobs, calls: network })
  const loopback = await listenOnLoopback(rest, options.port)
  return {
    url: loopback.url,
    knobs: account.knobs,
    calls: () => network.calls,
    callInbound: (from, to) => network.callInbound(from, to),
    close: async () => {
      closing.abort(new Error('the simulator is closed'))
      await network.endAll()
      for (const socket of account.sockets) socket.terminate()
      await Promise.all([loopback.close(), webhooks.close()])
    },
  }
}

/** All calls of the account. */
class Network {
  readonly calls: TwilioCall[] = []
  readonly #account: TwilioAccount
  readonly #personAt: (number: string) => Person
  readonly #removed = new Set<string>()
  /** Time of the clock from which the next call may be dialled. */
  #nextDialAt = -Infinity

  constructor(account: TwilioAccount, personAt: (number: string) => Person) {
    this.#account = account
    this.#personAt = personAt
  }

  /** Excess over the calls a second is queued and not refused. */
  create(wanted: NewCall): TwilioCall {
    const { clock, knobs } = this.#account
    const now = clock.now()
    const dialAt = Math.max(now, this.#nextDialAt)
    this.#nextDialAt = dialAt + 1000 / knobs.callsPerSecond
    if (wanted.detection) warnOfMissingCallback(this.#account, wanted.detection)
    const call = this.#add({
      ...wanted,
      direction: 'outbound-api',
      queueTimeMs: Math.round(dialAt - now),
      person: this.#personAt(wanted.to),
    })
    void dial(this.#account, call)
    return call
  }

  callInbound(from: string, to: string): TwilioCall {
    const base = `https://${this.#account.publicHost}`
    const call = this.#add({
      direction: 'inbound',
      from,
      to,
      queueTimeMs: 0,
      person: this.#personAt(from),
      source: { url: base + VOICE_PATH, method: 'POST' },
      fallback: undefined,
      // A number's own status callback tells of the end only.
      progress: { url: base + STATUS_PATH, method: 'POST', events: new Set(['completed']) },
      timeoutS: 0,
      timeLimitS: INBOUND_TIME_LIMIT_S,
    })
    call.ring()
    call.follow(call.plan.source)
    return call
  }

  find(callSid: string): TwilioCall | undefined {
    return this.list().find((call) => call.callSid === callSid)
  }

  list(): readonly TwilioCall[] {
    return this.calls.filter(({ callSid }) => !this.#removed.has(callSid)).reverse()
  }

  remove(callSid: string): void {
    this.#removed.add(callSid)
  }

  async endAll(): Promise<void> {
    for (const call of this.calls) call.end('completed')
    await Promise.all(this.calls.map(({ ended }) => ended))
  }

  #add(plan: TwilioCall['plan']): TwilioCall {
    const call = new TwilioCall(this.#account, plan)
    this.calls.push(call)
    return call
  }
}
