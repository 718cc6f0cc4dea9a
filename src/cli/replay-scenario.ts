import { z } from 'zod'
import type { Person, Scenario } from '../simulator/scenario.ts'
import { type Conversation, conversationIn, type ToolTurn } from './replay-conversation.ts'
import type { Flight } from './replay-file.ts'
import { personSteps } from './replay-person.ts'
import { claudeRules, hasCutOffs, wordsFirst } from './replay-rules.ts'

export type MadeScenario = {
  readonly scenario: Scenario
  /** What of it is made up, as sentences. */
  readonly remarks: readonly string[]
}

const NAME = /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/

/**
 * The call of a flight record as a scenario: the same person says the same words, at the same moments of what the agent
 * says, and the model answers the same. Phone numbers are replaced.
 *
 * @throws {Error} when the name is not kebab-case, or the record holds no turn and no end of a call
 */
export function scenarioFrom(flight: Flight, name: string): MadeScenario {
  if (!NAME.test(name)) {
    throw new Error(`a scenario's name is kebab-case, such as late-question; not "${name}"`)
  }
  const { header } = flight
  const conversation = conversationIn(flight)
  if (conversation.turns.length === 0 && conversation.end === undefined) {
    throw new Error('the record holds neither a turn nor the end of the call')
  }
  const { call, toolServer } = callOf(conversation, header.call_id)
  const scenario: Scenario = {
    name,
    about: `the call ${header.call_id}, from its flight record`,
    direction: header.direction,
    call,
    person: personOf(conversation, header.direction, call['transfer_to']),
    claude: claudeRules(conversation, header),
    ...(toolServer && { toolServer }),
  }
  return { scenario, remarks: remarksOn(flight, conversation) }
}

function remarksOn({ header, entries }: Flight, { spec, turns }: Conversation): string[] {
  return [
    ...(header.redacted
      ? ['The record is redacted: all words are placeholders, only their timing is the call’s.']
      : []),
    ...(spec === undefined ? ['The record does not tell what the call was for.'] : []),
    ...(entries.some(({ type }) => type === 'gap') ? ['Parts of the record are missing.'] : []),
    ...(hasCutOffs(turns) ? ['What the agent would have said after a cut is made up.'] : []),
  ]
}

/** Fields of a spec that a call in the simulator can have; what belongs to the user's systems is left out. */
const SPEC_FIELDS = [
  'action',
  'context',
  'callee_name',
  'agent_name',
  'organization',
  'language',
  'opening',
  'first_speaker',
  'uninterruptible',
  'voicemail',
  'pronunciation',
  'max_duration_s',
] as const

const ToolSpec = z.looseObject({ name: z.string(), description: z.string() })
const TransferSpec = z.looseObject({ phone_number: z.string(), name: z.string() })

function callOf(
  { spec = {}, turns }: Conversation,
  callId: string,
): Pick<Scenario, 'call' | 'toolServer'> {
  const fields = SPEC_FIELDS.flatMap((key) => (key in spec ? [[key, spec[key]] as const] : []))
  const disclosure = wordsFirst(spec)
  const action = typeof spec['action'] === 'string' ? spec['action'] : `The call ${callId}`
  const tools = z.array(ToolSpec).safeParse(spec['tools']).data ?? []
  const transfers = z.array(TransferSpec).safeParse(spec['transfer_to']).data ?? []
  const call = {
    phone_number: phoneNumberFor(callId),
    ...Object.fromEntries(fields),
    action,
    // A call that is made again is not recorded again, and still says what the real one said.
    ...(disclosure !== undefined && { disclosure }),
    ...(transfers.length > 0 && {
      transfer_to: transfers.map((target, i) => ({ ...target, phone_number: transferNumber(i) })),
    }),
    ...(tools.length > 0 && { tools: tools.map(simulatedTool) }),
  }
  if (tools.length === 0) return { call }
  return {
    call,
    toolServer: routesOf(
      tools,
      turns.filter((turn) => turn.role === 'tool'),
    ),
  }
}

/** Leads to the simulator's tool server; keys of the user's own stay where they are. */
function simulatedTool({ name, description, input_schema }: z.infer<typeof ToolSpec>) {
  return { name, description, input_schema, url: `http://tools.test/${name}` }
}

function routesOf(
  tools: readonly { readonly name: string }[],
  turns: readonly ToolTurn[],
): NonNullable<Scenario['toolServer']> {
  const routes = tools.map(({ name }) => {
    const answers = turns.filter((turn) => turn.name === name)
    return [`/${name}`, answers.map(({ result }) => ({ body: jsonOrText(result) }))] as const
  })
  return Object.fromEntries(routes.filter(([, answers]) => answers.length > 0))
}

function jsonOrText(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    // Tools may answer in plain text.
    return text
  }
}

function personOf(
  conversation: Conversation,
  direction: Scenario['direction'],
  transferTo: unknown,
): Person {
  const { ringMs, transferred } = conversation
  if (direction === 'outbound' && ringMs === undefined) return { answer: 'no-answer', does: [] }
  const targets = z.array(TransferSpec).safeParse(transferTo).data ?? []
  const status = transferred ? ('completed' as const) : ('no-answer' as const)
  return {
    answer: 'yes',
    ...(ringMs !== undefined && direction === 'outbound' && { ringMs: Math.round(ringMs) }),
    does: personSteps(conversation),
    ...(targets.length > 0 &&
      transferred !== undefined && {
        transfers: Object.fromEntries(targets.map((target) => [target.phone_number, { status }])),
      }),
  }
}

/** A number of nobody's, one for each call: several scenarios may be run side by side. */
function phoneNumberFor(callId: string): string {
  let digits = 0
  for (const sign of callId) digits = (digits * 31 + (sign.codePointAt(0) ?? 0)) % 10_000_000
  return `+1200${String(digits).padStart(7, '0')}`
}

function transferNumber(index: number): string {
  return `+1555010${String(index).padStart(4, '0')}`
}
