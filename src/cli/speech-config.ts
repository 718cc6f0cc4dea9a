import { pino } from 'pino'
import { type Config, parseConfig } from '../config.ts'
import { ConfigError } from '../errors.ts'
import { UsageError } from './command-options.ts'

/** What the server needs and speech alone does not: any value will do. */
const NOT_NEEDED = {
  TWILIO_ACCOUNT_SID: `AC${'0'.repeat(32)}`,
  TWILIO_AUTH_TOKEN: 'unused',
  TWILIO_PHONE_NUMBER: '+15550000000',
  ANTHROPIC_API_KEY: 'unused',
  PUBLIC_HOST: 'unused.example',
}

/**
 * The configuration as far as speaking and hearing goes: only keys of the vendors that are asked for have to be there.
 *
 * @throws {UsageError} with everything that is missing
 */
export function speechConfig(chosen: Readonly<Record<string, string>>): Config {
  try {
    process.loadEnvFile()
  } catch {
    // There is no .env: the environment itself may hold everything.
  }
  try {
    return parseConfig({ ...NOT_NEEDED, ...process.env, ...chosen })
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    const problems = error.problems.map((problem) => `  - ${problem}`).join('\n')
    throw new UsageError(`This configuration does not do:\n${problems}`)
  }
}

/** What goes wrong is told by the command itself. */
export const noLog = () => pino({ level: 'silent' })
