import twilio from 'twilio'
import { addressOf } from './addresses.ts'

/**
 * The documents that tell Twilio what to do with a call. Nothing that a user wrote goes into them, except the text to be
 * said, which the builder escapes.
 */

/** A `<Say>` holds at most 4,096 characters. */
const MAX_SAY_CHARS = 4096

/** Connects the call's audio to us. `token` comes back in the stream's `start` message. */
export function connectStream(publicHost: string, token: string): string {
  const response = new twilio.twiml.VoiceResponse()
  // With an action Twilio asks us what comes after the stream, whoever closed it.
  const connect = response.connect({ action: addressOf(publicHost, 'stream-ended') })
  const stream = connect.stream({
    url: `wss://${publicHost}/api/phone/media-stream`,
    statusCallback: addressOf(publicHost, 'stream-status'),
  })
  stream.parameter({ name: 'token', value: token })
  return response.toString()
}

export function hangUp(): string {
  const response = new twilio.twiml.VoiceResponse()
  response.hangup()
  return response.toString()
}

/** Turns an inbound call away before it is answered, so that it costs nothing. */
export function reject(reason: 'busy' | 'rejected'): string {
  const response = new twilio.twiml.VoiceResponse()
  response.reject({ reason })
  return response.toString()
}

export function sayAndHangUp(text: string, language: string): string {
  const response = new twilio.twiml.VoiceResponse()
  response.say(sayVoice(language), text.slice(0, MAX_SAY_CHARS))
  response.hangup()
  return response.toString()
}

type SayAttributes = Exclude<
  Parameters<InstanceType<typeof twilio.twiml.VoiceResponse>['say']>[0],
  string
>

/** Twilio's voices are named by language and region: `en` becomes its likeliest form, `en-US`. */
function sayVoice(language: string): SayAttributes {
  try {
    const locale = new Intl.Locale(language).maximize()
    const name = locale.region ? `${locale.language}-${locale.region}` : locale.language
    return { language: name as Exclude<SayAttributes['language'], undefined> }
  } catch {
    // Not a language tag: Twilio's default voice is better than none.
    return {}
  }
}
