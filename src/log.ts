import { type DestinationStream, pino, type Logger } from 'pino'

export type { Logger }

const SECRET_HEADERS = [
  'req.headers.authorization',
  'req.headers["x-api-key"]',
  'req.headers["x-twilio-signature"]',
]

const CENSOR = '[redacted]'

/** A phone number in E.164, plain or as in a URL; its last digits tell two of them apart. */
const PHONE_NUMBER = /(?:\+|%2B)[1-9]\d{4,12}(\d{2})(?!\d)/gi

/**
 * The process's logger. Messages are fixed lower-case phrases; whatever varies is a field. Phone numbers, transcripts,
 * prompts and tool arguments go only under `pii`, which is redacted unless `showPii` is set. Should a number get elsewhere, such
 * as into the message of an error, all of it but the last two digits is taken out; a secret is taken out wherever it stands.
 */
export function createLogger(options: {
  level: string
  showPii?: boolean
  /** Values that no line may hold. */
  secrets?: readonly string[]
  /** Default: standard output. */
  destination?: DestinationStream
}): Logger {
  const { level, showPii = false, secrets = [], destination = pino.destination(1) } = options
  const pii = showPii ? [] : ['pii', '*.pii']
  const settings = { level, redact: { paths: [...pii, ...SECRET_HEADERS], censor: CENSOR } }
  const withoutSecrets = hiding(secrets)
  const clean = (line: string) => {
    const rest = withoutSecrets(line)
    return showPii ? rest : rest.replaceAll(PHONE_NUMBER, '+…$1')
  }
  return pino(settings, {
    write: (line) => {
      destination.write(clean(line))
    },
  })
}

/** Takes these values out of a line of JSON, in the forms in which they may stand there. */
function hiding(secrets: readonly string[]): (line: string) => string {
  const forms = secrets.flatMap((secret) => [
    JSON.stringify(secret).slice(1, -1),
    encodeURIComponent(secret),
    Buffer.from(secret).toString('base64').replace(/=+$/, ''),
  ])
  if (forms.length === 0) return (line) => line
  // The longer ones first: one may be part of another.
  const ordered = Array.from(new Set(forms)).sort((a, b) => b.length - a.length)
  const any = new RegExp(ordered.map((form) => RegExp.escape(form)).join('|'), 'g')
  return (line) => line.replaceAll(any, CENSOR)
}
