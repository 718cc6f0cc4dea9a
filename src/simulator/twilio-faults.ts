/** Twilio's warnings and errors that the simulator can raise outside REST, by code. */
const FAULTS = {
  11200: 'the webhook answered with an error',
  11205: 'the webhook could not be reached in time',
  11215: 'too many redirects',
  11750: 'the answer is larger than 64 kB',
  12100: 'not a TwiML document',
  12200: 'unknown or invalid TwiML',
  12300: 'a content type that Twilio does not know',
  13214: 'a caller id that the account must not use',
  13223: 'not a phone number to dial',
  15003: 'a callback was not answered with success',
  21262: 'asynchronous machine detection without a callback',
  31901: 'the stream could not be opened in time',
  31902: 'the stream was refused a connection',
  31903: 'the stream was cut',
  31920: 'the stream was not answered with an upgrade',
  31921: 'the server closed the stream of a live call',
  31922: 'the stream is not wss',
  31923: 'the url of the stream is malformed',
  31924: 'WebSocket protocol error',
  31930: 'the server does not read the audio of the caller',
  31931: 'more than ten minutes of audio wait',
  31941: 'a track that <Connect> does not allow',
  31950: 'a binary message on the stream',
  31951: 'an invalid message on the stream',
} as const

export type FaultCode = keyof typeof FAULTS

/** What a violation is called: the code and what it means. */
export function faultRule(code: FaultCode): string {
  return `${code} ${FAULTS[code]}`
}

/** Something that ends a document or a stream. */
export class TwilioFault extends Error {
  override readonly name = 'TwilioFault'
  readonly code: FaultCode
  readonly detail: string

  constructor(code: FaultCode, detail: string, options?: ErrorOptions) {
    super(`${faultRule(code)}: ${detail}`, options)
    this.code = code
    this.detail = detail
  }
}
