import { CallJournal } from './calls/call-journal.ts'
import type { Circuits } from './calls/circuits/circuits.ts'
import { FlightFiles } from './calls/flight-files.ts'
import type { PhoneCallsParts } from './calls/phone-calls-parts.ts'
import { RecordedConversation } from './calls/recording/recorded-conversation.ts'
import { bodyFromSpec } from './calls/spec.ts'
import type { Clock } from './clock.ts'
import { composeCircuits, voiceCircuit } from './compose-circuits.ts'
import type { Keeping } from './compose-history.ts'
import { composeMindThread, mindThreadReady } from './compose-mastra-engine.ts'
import { composeSession } from './compose-session.ts'
import { composeVoices, type Voices } from './compose-voice.ts'
import type { Config } from './config.ts'
import type { Logger } from './log.ts'
import type { MindThread } from './mastra/engine/mind-thread.ts'
import type { Meters } from './metrics/meters.ts'
import { noFlightRecord } from './pipeline/flight-record.ts'
import { ClaudeAnswerJudge } from './providers/anthropic/answer-judge.ts'
import { type AnthropicConnection, createAnthropicClient } from './providers/anthropic/client.ts'
import type { EgressGuard } from './providers/egress/egress-guard.ts'
import { HttpToolClient } from './providers/http-tools/http-tool-runner.ts'

type Surroundings = {
  readonly egress: EgressGuard
  readonly keeping: Keeping
  readonly meters: Meters
  readonly clock: Clock
  readonly log: Logger
}

/** What makes conversations, and what they share. */
export type Conversations = {
  readonly createSession: PhoneCallsParts['createSession']
  readonly circuits: Circuits
  /**
   * Resolves when calls can be thought in.
   *
   * @throws {ConfigError} when the configured engine cannot be used here
   */
  readonly ready: Promise<void>
  /** Begins what can be prepared before the first call. */
  start(): void
  close(): Promise<void>
}

export function composeConversations(config: Config, parts: Surroundings): Conversations {
  const { egress, meters, clock, log } = parts
  const anthropic = createAnthropicClient({
    apiKey: config.ANTHROPIC_API_KEY,
    baseUrl: config.ANTHROPIC_BASE_URL,
  })
  const circuits = composeCircuits(config, { anthropic, clock, log })
  const { allows: allowUrl, dispatcher } = egress
  const secrets = config.TOOL_SECRETS
  const httpTools = new HttpToolClient({ secrets, allowUrl, dispatcher, clock, log })
  const flights = flightFiles(config, parts)
  const voices = composeVoices(config, {
    circuitOf: (voice) => circuits.of(voiceCircuit(config, voice)),
    meters,
    clock,
    log,
  })
  const mindThread = composeMindThread(config, { clock, log })
  const shared = { ...parts, anthropic, circuits, mindThread, httpTools, flights, voices }
  return {
    createSession: sessionMaker(config, shared),
    circuits,
    ready: mindThreadReady(mindThread),
    start: () => {
      voices.start()
    },
    close: async () => {
      await circuits.close()
      await Promise.all([
        anthropic.close(),
        mindThread?.close(),
        httpTools.close(),
        flights?.close(),
        voices.close(),
      ])
    },
  }
}

/** Makes the conversations of calls, which share connections and a judge. */
function sessionMaker(
  config: Config,
  parts: Surroundings & {
    readonly anthropic: AnthropicConnection
    readonly circuits: Circuits
    readonly mindThread: MindThread | undefined
    readonly httpTools: HttpToolClient
    readonly flights: FlightFiles | undefined
    readonly voices: Voices
  },
): PhoneCallsParts['createSession'] {
  const { anthropic, circuits, mindThread, httpTools, flights, voices, keeping, meters, clock } =
    parts
  const judge = new ClaudeAnswerJudge({
    client: anthropic.client,
    model: config.ANTHROPIC_MODEL,
    timeoutMs: config.ANTHROPIC_FIRST_TOKEN_TIMEOUT_MS,
    clock,
    log: parts.log,
  })
  return (plan, log, control) => {
    const { callId, spec, brief } = plan
    const { direction, language } = brief
    const resumedAtMs = plan.past?.elapsedMs
    const flight = flights?.record({ callId, direction, language, resumedAtMs }) ?? noFlightRecord
    const record = new CallJournal(callId, keeping.events, flight)
    record.note({ type: 'spec', spec: bodyFromSpec(spec) })
    const own = { control, record, voices, meters, clock, log }
    const shared = { anthropic, circuits, mindThread, httpTools, judge }
    const session = composeSession(config, plan, { ...shared, ...own })
    if (!spec.record) return session
    const { recordings } = keeping
    const recorder =
      resumedAtMs === undefined ? recordings.start(callId) : recordings.resume(callId, resumedAtMs)
    return new RecordedConversation(session, recorder)
  }
}

function flightFiles(
  config: Config,
  { log, clock }: Pick<Surroundings, 'log' | 'clock'>,
): FlightFiles | undefined {
  const dir = config.FLIGHT_RECORD_DIR
  return dir === undefined
    ? undefined
    : new FlightFiles({ dir, pii: config.FLIGHT_RECORD_PII, clock, log })
}
