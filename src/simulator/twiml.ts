import { parseXml, XmlError, type XmlElement } from './xml.ts'

export type HttpMethod = 'GET' | 'POST'

/** `<Stream>` inside `<Connect>`. */
export type StreamNoun = {
  readonly url: string
  readonly name: string | undefined
  readonly track: string | undefined
  readonly statusCallback: string | undefined
  readonly statusCallbackMethod: HttpMethod
  readonly parameters: Readonly<Record<string, string>>
}

export type Verb =
  | { readonly verb: 'Connect'; readonly stream: StreamNoun; readonly action?: Action }
  | DialVerb
  | { readonly verb: 'Say'; readonly text: string }
  | { readonly verb: 'Play'; readonly digits: string }
  | { readonly verb: 'Pause'; readonly lengthS: number }
  | { readonly verb: 'Redirect'; readonly to: Action }
  | { readonly verb: 'Reject'; readonly reason: string }
  | { readonly verb: 'Hangup' }

export type DialVerb = {
  readonly verb: 'Dial'
  /** All are rung at once. */
  readonly numbers: readonly string[]
  readonly callerId: string | undefined
  /** How long it rings at most. */
  readonly timeoutS: number
  /** How long they may talk. */
  readonly timeLimitS: number
  readonly action?: Action
}

/** Where the next document is asked for; the url may be relative to the present document. */
export type Action = { readonly url: string; readonly method: HttpMethod }

export type Twiml = {
  readonly verbs: readonly Verb[]
  /** What Twilio ignores with warning 12200. */
  readonly warnings: readonly string[]
}

/** The document is no TwiML at all: error 12100. */
export class TwimlError extends Error {
  override readonly name = 'TwimlError'
}

/** The verbs and nouns that the simulator carries out, with the attributes that Twilio knows for each. */
const ATTRIBUTES: Readonly<Record<string, readonly string[]>> = {
  Response: [],
  Connect: ['action', 'method'],
  Stream: ['url', 'name', 'track', 'statusCallback', 'statusCallbackMethod'],
  Parameter: ['name', 'value'],
  Dial: [
    'action',
    'method',
    'callerId',
    'timeout',
    'timeLimit',
    'record',
    'answerOnBridge',
    'hangupOnStar',
  ],
  Number: [],
  Say: ['voice', 'language', 'loop'],
  Play: ['digits', 'loop'],
  Pause: ['length'],
  Redirect: ['method'],
  Reject: ['reason'],
  Hangup: [],
}

/** Name and value of a parameter must together stay below this. */
const PARAMETER_LIMIT = 500

const MAX_NUMBERS = 10
const DIAL_TIMEOUT_S = 30
/** Four hours. */
const DIAL_TIME_LIMIT_S = 14_400

export function parseTwiml(source: string): Twiml {
  let root: XmlElement
  try {
    root = parseXml(source)
  } catch (error) {
    if (error instanceof XmlError) throw new TwimlError(error.message, { cause: error })
    throw error
  }
  if (root.name !== 'Response') throw new TwimlError(`the root is <${root.name}>, not <Response>`)
  const warnings: string[] = []
  warnOfUnknown(root, warnings)
  const verbs = root.children.flatMap((element) => {
    const verb = readVerb(element, warnings)
    return verb ? [verb] : []
  })
  return { verbs, warnings }
}

function warnOfUnknown(element: XmlElement, warnings: string[]): void {
  const known = ATTRIBUTES[element.name]
  if (!known) {
    warnings.push(`unknown element <${element.name}>`)
    return
  }
  for (const name of element.attributes.keys()) {
    if (!known.includes(name)) warnings.push(`unknown attribute ${name} of <${element.name}>`)
  }
  for (const child of element.children) warnOfUnknown(child, warnings)
}

function readVerb(element: XmlElement, warnings: string[]): Verb | undefined {
  const attribute = (name: string) => element.attributes.get(name)
  switch (element.name) {
    case 'Connect':
      return readConnect(element, warnings)
    case 'Dial':
      return readDial(element, warnings)
    case 'Say':
      return { verb: 'Say', text: element.text }
    case 'Play':
      return { verb: 'Play', digits: attribute('digits') ?? '' }
    case 'Pause':
      return { verb: 'Pause', lengthS: Number(attribute('length') ?? 1) }
    case 'Redirect':
      return {
        verb: 'Redirect',
        to: { url: element.text, method: readMethod(attribute('method')) },
      }
    case 'Reject':
      return { verb: 'Reject', reason: attribute('reason') ?? 'rejected' }
    case 'Hangup':
      return { verb: 'Hangup' }
    default:
      return undefined
  }
}

function readDial(element: XmlElement, warnings: string[]): Verb {
  const { attributes, children, text } = element
  const nouns = children.filter(({ name }) => name === 'Number').map((noun) => noun.text.trim())
  if (nouns.length > MAX_NUMBERS) warnings.push(`more than ${MAX_NUMBERS} <Number>s in <Dial>`)
  return {
    verb: 'Dial',
    numbers: nouns.length > 0 ? nouns.slice(0, MAX_NUMBERS) : [text.trim()],
    callerId: attributes.get('callerId'),
    timeoutS: Number(attributes.get('timeout') ?? DIAL_TIMEOUT_S),
    timeLimitS: Number(attributes.get('timeLimit') ?? DIAL_TIME_LIMIT_S),
    ...readAction(element),
  }
}

function readConnect(element: XmlElement, warnings: string[]): Verb | undefined {
  const [noun, ...others] = element.children
  if (noun?.name !== 'Stream' || others.length > 0) {
    warnings.push('<Connect> must hold exactly one <Stream>')
    return undefined
  }
  return { verb: 'Connect', stream: readStream(noun, warnings), ...readAction(element) }
}

function readStream(element: XmlElement, warnings: string[]): StreamNoun {
  const parameters: Record<string, string> = {}
  for (const child of element.children) {
    const name = child.attributes.get('name')
    const value = child.attributes.get('value') ?? ''
    if (name === undefined) warnings.push('<Parameter> without a name')
    else if (name.length + value.length >= PARAMETER_LIMIT) {
      warnings.push(`<Parameter> ${name} of ${PARAMETER_LIMIT} characters or more`)
    } else parameters[name] = value
  }
  return {
    url: element.attributes.get('url') ?? '',
    name: element.attributes.get('name'),
    track: element.attributes.get('track'),
    statusCallback: element.attributes.get('statusCallback'),
    statusCallbackMethod: readMethod(element.attributes.get('statusCallbackMethod')),
    parameters,
  }
}

function readAction(element: XmlElement): { action?: Action } {
  const url = element.attributes.get('action')
  return url === undefined
    ? {}
    : { action: { url, method: readMethod(element.attributes.get('method')) } }
}

export function readMethod(method: string | undefined): HttpMethod {
  return method?.toUpperCase() === 'GET' ? 'GET' : 'POST'
}
