import { judgementOf } from './claude-judgement.ts'
import { answerFrom } from './claude-knowledge.ts'

/** What a request holds for the brain. */
export type Exchange = {
  /** The last thing that the model was told: words of the caller, notes in parentheses, results of tools. */
  readonly told: string
  /** What the agent has said so far. */
  readonly said: readonly string[]
  /** Names of the tools that may be called. */
  readonly tools: readonly string[]
}

export type Thought = {
  readonly text: string
  readonly tool?: { readonly name: string; readonly input: Readonly<Record<string, unknown>> }
}

type Brief = {
  readonly action: string
  readonly facts: string
  readonly person: string
  readonly agent: string
  readonly organization: string
  readonly inbound: boolean
}

/**
 * Holds a plausible phone conversation about anything, by rules: enough for a call with an action that no scenario knows.
 * It goes by what a prompt says between its tags, as a model would.
 */
export function think(system: string, exchange: Exchange): Thought {
  const judgement = judgementOf(system, exchange.told)
  if (judgement !== undefined) return { text: judgement }
  const brief = readBrief(system)
  const words = exchange.told
    .split('\n')
    .filter((line) => !/^\(.*\)$/.test(line))
    .join(' ')
    .trim()
  if (exchange.said.length === 0) return { text: opening(brief) }
  const results = resultsIn(exchange.told)
  if (words === '' && results.length > 0) return { text: report(results) }
  if (words === '') return silence(exchange)
  const reactions = isQuestion(words) ? FIRST : [...FIRST, ...TO_STATEMENTS]
  const reaction = reactions.find(({ to }) => to.test(words))
  if (reaction) return reaction.react(brief, exchange)
  if (isQuestion(words)) return { text: answer(brief, words) }
  const noted = "All right, I'll pass that on."
  const asked = exchange.said.some((line) => line.startsWith(noted))
  return asked ? farewell(noted, 'done', exchange) : { text: `${noted} Is there anything else?` }
}

type Reaction = {
  readonly to: RegExp
  readonly react: (brief: Brief, exchange: Exchange) => Thought
}

/** The first that fits is taken: a way out of the call before anything that would prolong it. */
const FIRST: readonly Reaction[] = [
  {
    to: /\bwrong (number|person)\b|\bno one (here )?(called|by)\b/i,
    react: (_, exchange) => farewell("I'm sorry to have bothered you.", 'wrong_number', exchange),
  },
  {
    to: /\b(not|isn't) a (good|great) time\b|\bbad time\b|\b(busy|driving|in a meeting)\b|\bcall (me )?(back|later)\b/i,
    react: (_, exchange) => farewell("No problem, we'll try another time.", 'not_now', exchange),
  },
  {
    to: /\bnot interested\b|\bno,? thank(s| you)\b|\bstop calling\b|\bleave me alone\b/i,
    react: (_, exchange) => farewell("I understand, and I won't keep you.", 'refused', exchange),
  },
  {
    to: /\b(are|is) (you|this) (an? )?(\w+ )?(ai|robot|bot|machine|computer|human|recording|real)\b/i,
    react: ({ organization }) => ({
      text: `Yes, I'm an AI assistant${organization && ` calling for ${organization}`}. May I go on?`,
    }),
  },
  {
    to: /\bwho('s| is| are) (this|calling|you|there|speaking)\b/i,
    react: (brief) => ({ text: `Sure, ${introduction(brief)} ${purpose(brief)}` }),
  },
  {
    to: /\b(good)?bye\b|\bthat('s| is| was) (all|it|everything)\b|\bnothing else\b/i,
    react: (_, exchange) => farewell('Thank you for your time.', 'done', exchange),
  },
  {
    to: /^\W*(hello|hi|hey|good (morning|afternoon|evening))\b[\w\s,]{0,12}[?!.]*$/i,
    react: (brief) => ({ text: `Hello! ${purpose(brief)}` }),
  },
]

const TO_STATEMENTS: readonly Reaction[] = [
  {
    to: /^\W*(yes|yeah|yep|sure|okay|ok|correct|right|absolutely|of course|that works|sounds good|perfect|great)\b/i,
    react: (brief, exchange) =>
      farewell(`Great, thank you${brief.person && `, ${brief.person}`}.`, 'done', exchange),
  },
  {
    to: /^\W*(no|nope|not really)\b/i,
    react: (_, exchange) => farewell("All right, I'll pass that on. Thank you.", 'done', exchange),
  },
]

function opening(brief: Brief): string {
  const { agent, organization } = brief
  if (brief.inbound) {
    const reached = organization && `, you have reached ${organization}`
    return `Hello${reached}${agent && `, this is ${agent}`}. How can I help you?`
  }
  const hello = `Hi${brief.person && ` ${brief.person}`}, ${introduction(brief)}`
  const remembered = /\bin earlier calls\b[^\n]*\n- (?:They said: )?(.+)/.exec(brief.facts)?.[1]
  const earlier = remembered === undefined ? '' : ` I remember that you said: ${remembered}`
  return `${hello}${earlier} ${purpose(brief)}`
}

function introduction({ agent, organization }: Brief): string {
  const name = agent || 'an assistant'
  return `this is ${name}${organization && ` from ${organization}`}.`
}

/** Words that an action may begin with so that "I'm calling to …" reads well. */
const VERBS =
  /^(arrange|ask|book|cancel|check|collect|confirm|discuss|explain|find|follow|get|give|inform|invite|let|make|notify|offer|order|remind|report|request|reschedule|schedule|see|tell|thank|update|verify)\b/i

function purpose({ action, inbound }: Brief): string {
  if (inbound || action === '') return 'How can I help you?'
  const bare = action.replace(/[\s.!]+$/, '')
  if (!VERBS.test(bare)) return `I'm calling about this: ${bare}. Is now a good moment?`
  return `I'm calling to ${bare.charAt(0).toLowerCase()}${bare.slice(1)}. Is that all right?`
}

function isQuestion(words: string): boolean {
  if (words.endsWith('?')) return true
  const asked = words.replace(/^\W*((yes|yeah|okay|ok|and|so|but|well|um|sorry)\W+)*/i, '')
  return /^(what|when|where|who|which|how|why|is|are|can|could|do|does|did|will|would|may|should)\b/i.test(
    asked,
  )
}

function answer({ facts, action }: Brief, question: string): string {
  const found = answerFrom(`${facts}\n${action}`, question)
  if (found === undefined) return "I'm sorry, I don't know that. I'll pass your question on."
  return `${found} Does that help?`
}

/** The results of tools, which stand on lines of their own. */
function resultsIn(told: string): string[] {
  return Array.from(told.matchAll(/^\(tool [\w-]+: (.*)\)$/gm), ([, result = '']) => result)
}

/** Sentences are passed on; a bare value or JSON is for the model alone. */
function report(results: readonly string[]): string {
  const sentences = results.filter((result) => /^\p{L}[^{}[\]]*\s\S+\s\S/u.test(result))
  if (sentences.length === 0) return 'All right, that is done. Is there anything else?'
  const spoken = sentences.map((sentence) => (/[.!?]$/.test(sentence) ? sentence : `${sentence}.`))
  return `${spoken.join(' ')} Does that help?`
}

function silence(exchange: Exchange): Thought {
  const asked = 'Are you still there?'
  if (!exchange.said.some((line) => line.includes(asked))) return { text: asked }
  return farewell("I can't hear you, so I'll try another time.", 'no_response', exchange)
}

function farewell(words: string, reason: string, { tools }: Exchange): Thought {
  const text = `${words} Goodbye.`
  return tools.includes('end_call')
    ? { text, tool: { name: 'end_call', input: { reason } } }
    : { text }
}

/** The last `<call>` on: rules before it may speak of the tags. */
function readBrief(system: string): Brief {
  const call = system.slice(Math.max(0, system.lastIndexOf('<call>\n')))
  const field = (name: string) =>
    new RegExp(`<${name}>([^<]*)</${name}>`).exec(call)?.[1]?.replaceAll('&lt;', '<').trim() ?? ''
  return {
    action: field('purpose'),
    facts: field('facts'),
    person: field('person_name'),
    agent: field('your_name'),
    organization: field('on_behalf_of'),
    inbound: field('direction') === 'inbound',
  }
}
