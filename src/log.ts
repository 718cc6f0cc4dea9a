import { pino, type Logger } from 'pino'

export type { Logger }

/**
 * The process's logger. Messages are fixed lower-case phrases; whatever varies is a field. Phone numbers, transcripts,
 * prompts and tool arguments go only under `pii`, which is redacted unless `showPii` is set.
 */
export function createLogger(options: { level: string; showPii?: boolean }): Logger {
  return pino({
    level: options.level,
    redact: {
      paths: [
        ...(options.showPii ? [] : ['pii', '*.pii']),
        'req.headers.authorization',
        'req.headers["x-api-key"]',
        'req.headers["x-twilio-signature"]',
      ],
      censor: '[redacted]',
    },
  })
}
