import { type DestinationStream, pino, type Logger } from 'pino'

export type { Logger }

const SECRET_HEADERS = [
  'req.headers.authorization',
  'req.headers["x-api-key"]',
  'req.headers["x-twilio-signature"]',
]

/**
 * The process's logger. Messages are fixed lower-case phrases; whatever varies is a field. Phone numbers, transcripts,
 * prompts and tool arguments go only under `pii`, which is redacted unless `showPii` is set.
 */
export function createLogger(options: {
  level: string
  showPii?: boolean
  /** Default: standard output. */
  destination?: DestinationStream
}): Logger {
  const pii = options.showPii ? [] : ['pii', '*.pii']
  const settings = {
    level: options.level,
    redact: { paths: [...pii, ...SECRET_HEADERS], censor: '[redacted]' },
  }
  return options.destination ? pino(settings, options.destination) : pino(settings)
}
