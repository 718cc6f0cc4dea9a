import { TwilioFault } from './twilio-faults.ts'
import type { DocumentSource, TwimlDocument } from './twiml-documents.ts'
import type { Action, DialVerb, StreamNoun, Verb } from './twiml.ts'

/** What verbs can do to a call. Everything that takes its time ends early, with an error, when `signal` is aborted. */
export type TwimlCall = {
  readonly signal: AbortSignal
  load(source: DocumentSource, extra: Readonly<Record<string, string>>): Promise<TwimlDocument>
  /** Picks up, if nobody has yet. */
  answer(): void
  say(text: string): Promise<void>
  sendDigits(digits: string): Promise<void>
  wait(ms: number): Promise<void>
  connect(stream: StreamNoun): Promise<void>
  /** Resolves with what the action is told of the other call. */
  dial(verb: DialVerb): Promise<Readonly<Record<string, string>>>
  reject(reason: string): void
}

/** Where a document comes from, and what its server is told on top of what it always is. */
export type DocumentAsked = {
  readonly source: DocumentSource
  readonly extra: Readonly<Record<string, string>>
}

/** Carries out a document and those it leads to; resolves when the last one is over and the call may end. */
export async function followTwiml(call: TwimlCall, first: DocumentAsked): Promise<void> {
  let next: DocumentAsked | undefined = first
  while (next) {
    const document = await call.load(next.source, next.extra)
    next = await runDocument(call, document)
  }
}

async function runDocument(
  call: TwimlCall,
  document: TwimlDocument,
): Promise<DocumentAsked | undefined> {
  for (const [i, verb] of document.verbs.entries()) {
    if (verb.verb === 'Hangup') return undefined
    if (verb.verb === 'Redirect') return { source: resolve(verb.to, document.url), extra: {} }
    if (verb.verb === 'Reject') {
      // Only as the first verb; a call that has been picked up cannot be refused.
      if (i === 0) call.reject(verb.reason)
      return undefined
    }
    const extra = await runVerb(call, verb)
    call.signal.throwIfAborted()
    const action = 'action' in verb ? verb.action : undefined
    if (action) return { source: resolve(action, document.url), extra }
  }
  return undefined
}

type TimedVerb = Exclude<Verb, { verb: 'Hangup' | 'Redirect' | 'Reject' }>

/** Returns what an action of this verb would be told. */
async function runVerb(
  call: TwimlCall,
  verb: TimedVerb,
): Promise<Readonly<Record<string, string>>> {
  // A pause before anything else lets an inbound call go on ringing.
  if (verb.verb !== 'Pause') call.answer()
  switch (verb.verb) {
    case 'Pause':
      await call.wait(verb.lengthS * 1000)
      return {}
    case 'Say':
      await call.say(verb.text)
      return {}
    case 'Play':
      await call.sendDigits(verb.digits)
      return {}
    case 'Connect':
      await call.connect(verb.stream)
      return {}
    case 'Dial':
      return call.dial(verb)
    default:
      return verb satisfies never
  }
}

function resolve(action: Action, base: string): Action {
  if (!URL.canParse(action.url, base)) throw new TwilioFault(11200, `no url: "${action.url}"`)
  return { ...action, url: new URL(action.url, base).href }
}
