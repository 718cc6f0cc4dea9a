import type { Provider } from '../errors.ts'
import { afterSpeaking } from '../pipeline/after-speaking.ts'
import { buildPrompt } from '../pipeline/prompt.ts'
import { toolsFor } from '../pipeline/tools.ts'
import type { Turn } from '../pipeline/transcript.ts'
import { isTerminal } from './call-status.ts'
import type { Prices } from './prices.ts'
import type { CallRecord } from './record.ts'

export type CostUnit = 'minute' | 'million_tokens' | 'thousand_characters'

/** One thing that a vendor charges for. */
export type CostLine = {
  readonly vendor: Provider
  /** What it is, such as `voice`. */
  readonly item: string
  /** How many of `unit`. */
  readonly quantity: number
  readonly unit: CostUnit
  readonly unitPrice: number
  readonly amount: number
  /** Where `quantity` comes from, in words. */
  readonly basedOn: string
}

export type CostEstimate = {
  /** ISO 4217 */
  readonly currency: string
  readonly total: number
  readonly lines: readonly CostLine[]
}

/** What the model has used in all requests of a call, where that was counted. */
export type TokenUsage = {
  /** Without those that came from the cache. */
  readonly inputTokens: number
  readonly cachedTokens: number
  readonly outputTokens: number
}

/** English text has about four characters a token; others have fewer, which makes the estimate too low for them. */
const CHARS_PER_TOKEN = 4

/**
 * What a call has probably cost, vendor by vendor. Undefined as long as it goes on; no lines when nobody picked up, for an
 * opening that was prepared in vain is not on record.
 */
export function estimateCost(
  record: CallRecord,
  prices: Prices,
  usage?: TokenUsage,
): CostEstimate | undefined {
  if (!isTerminal(record.status)) return undefined
  const lines =
    record.answeredAt === undefined
      ? []
      : record.spec.backend === 'atoms'
        ? cloudLines(record, prices)
        : [
            ...carrierLines(record, prices),
            ...hearingLines(record, prices),
            ...modelLines(record, prices, usage),
            ...voiceLines(record, prices),
          ]
  const total = rounded(lines.reduce((sum, { amount }) => sum + amount, 0))
  return { currency: prices.currency, total, lines }
}

/** Minutes between the answer and the end; and of these, those in which the agent was on the line. */
function minutesOf({ answeredAt, endedAt, transferredTo, turns }: CallRecord) {
  const allMs = answeredAt && endedAt ? Math.max(0, endedAt.getTime() - answeredAt.getTime()) : 0
  // After a transfer two people talk with each other, from about the last word of the conversation on.
  const lastWordMs = Math.max(0, ...turns.map(({ endMs }) => endMs))
  const ownMs = transferredTo === undefined ? allMs : Math.min(allMs, lastWordMs)
  return { all: allMs / 60_000, own: ownMs / 60_000 }
}

/** The carrier charges whole minutes, and one at least. */
function begun(minutes: number): number {
  return Math.max(1, Math.ceil(minutes))
}

function carrierLines(record: CallRecord, { twilio }: Prices): CostLine[] {
  const { all, own } = minutesOf(record)
  const isOutbound = record.direction === 'outbound'
  const line = (item: string, minutes: number, unitPrice: number, basedOn: string) =>
    priced({
      vendor: 'twilio',
      item,
      quantity: begun(minutes),
      unit: 'minute',
      unitPrice,
      basedOn,
    })
  const lines = [
    line(
      'voice',
      all,
      isOutbound ? twilio.outbound_minute : twilio.inbound_minute,
      'minutes begun between the answer and the end',
    ),
    line(
      'media_stream',
      own,
      twilio.media_stream_minute,
      'minutes begun while the agent was on the line',
    ),
  ]
  if (record.transferredTo !== undefined) {
    lines.push(
      line(
        'transfer',
        all - own,
        twilio.outbound_minute,
        'minutes begun after the last word with the agent',
      ),
    )
  }
  return lines
}

/** Smallest.ai carries, hears, thinks and speaks, for one price. */
function cloudLines(record: CallRecord, { smallest }: Prices): CostLine[] {
  return [
    priced({
      vendor: 'smallest',
      item: 'voice_agent',
      quantity: minutesOf(record).all,
      unit: 'minute',
      unitPrice: smallest.agent_minute,
      basedOn: 'the time between the answer and the end',
    }),
  ]
}

function hearingLines(record: CallRecord, { deepgram, smallest }: Prices): CostLine[] {
  const vendor = record.vendors?.hearing ?? 'deepgram'
  return [
    priced({
      vendor,
      item: 'speech_to_text',
      quantity: minutesOf(record).own,
      unit: 'minute',
      unitPrice: vendor === 'smallest' ? smallest.minute : deepgram.minute,
      basedOn: 'the time in which the agent was on the line',
    }),
  ]
}

function modelLines(record: CallRecord, prices: Prices, usage: TokenUsage | undefined): CostLine[] {
  const { anthropic } = prices
  const used = usage ?? tokensOf(record)
  const basedOn = usage
    ? 'tokens that Claude has reported'
    : `characters of the record, ${CHARS_PER_TOKEN} a token`
  const items = [
    ['input', used.inputTokens, anthropic.million_input_tokens],
    ['cached_input', used.cachedTokens, anthropic.million_cached_tokens],
    ['output', used.outputTokens, anthropic.million_output_tokens],
  ] as const
  return items.map(([item, tokens, unitPrice]) =>
    priced({
      vendor: 'anthropic',
      item,
      quantity: tokens / 1e6,
      unit: 'million_tokens',
      unitPrice,
      basedOn,
    }),
  )
}

/**
 * Tokens by the length of the record. Each turn of the agent and each use of a tool was a request: its prompt, which the model
 * has cached from the first one, and the conversation until then. Guesses that were thrown away are not on record.
 */
function tokensOf({ direction, spec, turns }: CallRecord): TokenUsage {
  const { rules, call } = buildPrompt({
    direction,
    action: spec.action,
    context: spec.context,
    calleeName: spec.calleeName,
    agentName: spec.agentName,
    organization: spec.organization,
    language: spec.language ?? 'en',
    opening: spec.opening,
  })
  const tools = toolsFor({
    direction,
    transferTargets: spec.transferTo ?? [],
    httpTools: spec.tools ?? [],
  })
  const promptChars = rules.length + call.length + JSON.stringify(tools).length
  let [requests, historyChars, inputChars, outputChars] = [0, 0, 0, 0]
  for (const turn of turns) {
    // What is done after speaking was called in the message that was spoken.
    const isRequest = turn.role === 'agent' || (turn.role === 'tool' && !afterSpeaking(turn.name))
    if (isRequest) {
      requests += 1
      inputChars += historyChars
    }
    if (turn.role !== 'caller') {
      outputChars += turn.role === 'tool' ? inputLength(turn) : turn.text.length
    }
    historyChars += turn.role === 'tool' ? inputLength(turn) + turn.result.length : turn.text.length
  }
  return {
    inputTokens: (inputChars + Math.min(1, requests) * promptChars) / CHARS_PER_TOKEN,
    cachedTokens: (Math.max(0, requests - 1) * promptChars) / CHARS_PER_TOKEN,
    outputTokens: outputChars / CHARS_PER_TOKEN,
  }
}

function inputLength({ name, input }: Extract<Turn, { role: 'tool' }>): number {
  const json = JSON.stringify(input) as string | undefined
  return name.length + (json?.length ?? 0)
}

function voiceLines({ turns, vendors }: CallRecord, prices: Prices): CostLine[] {
  const vendor = vendors?.voice ?? 'elevenlabs'
  const { elevenlabs, smallest } = prices
  const { thousand_characters: unitPrice } = vendor === 'smallest' ? smallest : elevenlabs
  const chars = turns.reduce(
    (sum, turn) => sum + (turn.role === 'agent' ? Array.from(turn.text).length : 0),
    0,
  )
  return [
    priced({
      vendor,
      item: 'text_to_speech',
      quantity: chars / 1000,
      unit: 'thousand_characters',
      unitPrice,
      basedOn: 'characters that were heard; what was cut off is charged too, and not on record',
    }),
  ]
}

function priced(line: Omit<CostLine, 'amount'>): CostLine {
  const quantity = rounded(line.quantity)
  return { ...line, quantity, amount: rounded(line.quantity * line.unitPrice) }
}

/** To a millionth: a short call costs fractions of a cent, and a turn thousandths of a million tokens. */
function rounded(value: number): number {
  return Math.round(value * 1e6) / 1e6
}
