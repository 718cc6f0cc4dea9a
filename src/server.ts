import { systemClock } from './clock.ts'
import { keepCompiled, useCompileCache } from './compile-cache.ts'
import type { Parley } from './compose.ts'
import { type Config, parseConfig } from './config.ts'
import { ConfigError } from './errors.ts'
import { createLogger, type Logger } from './log.ts'
import { secretValues } from './secret-values.ts'
import { shutDown } from './shut-down.ts'
import { VERSION } from './version.ts'

const HELP = `Parley ${VERSION}: phone calls by an AI agent.

usage: npm start

Parley is configured by environment variables, or by a file .env in the folder it is
started in. .env.example lists them all, with what they mean.

  npm run demo    a whole phone call on this machine: no account, no key, no phone
`

/** Calls are hung up and records written within this, if anything can be reached at all. */
const HURRY_MS = 5000

await main(process.argv.slice(2))

async function main(args: readonly string[]): Promise<void> {
  if (args.some((arg) => arg === '--help' || arg === '-h')) {
    console.log(HELP)
    return
  }
  if (args.length > 0) fail(`unknown argument: ${args.join(' ')}\n\n${HELP}`)
  useCompileCache()
  const config = readConfig()
  const { LOG_LEVEL: level, LOG_PII: showPii } = config
  const log = createLogger({ level, showPii, secrets: secretValues(config) })
  await serve(config, log)
}

function readConfig(): Config {
  try {
    process.loadEnvFile()
  } catch {
    // There is no .env: the environment itself may hold everything.
  }
  try {
    return parseConfig(process.env)
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    return refuse(error)
  }
}

async function start(config: Config, log: Logger): Promise<Parley> {
  // Most of what is loaded: a mistake in the configuration is told before.
  const { compose } = await import('./compose.ts')
  try {
    return await compose(config, { log, clock: systemClock })
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    return refuse(error)
  }
}

function refuse(error: ConfigError): never {
  const problems = error.problems.map((problem) => `  - ${problem}`).join('\n')
  return fail(
    `Parley cannot start with this configuration:\n\n${problems}\n\n` +
      '.env.example explains each variable: copy it to .env and fill it in.\n' +
      'To try Parley without any account or key: npm run demo',
  )
}

async function serve(config: Config, log: Logger): Promise<void> {
  const parley = await start(config, log)
  let url: string
  try {
    url = await parley.app.listen({ host: config.HOST, port: config.PORT })
  } catch (error) {
    await parley.close()
    return fail(`Parley cannot listen: ${error instanceof Error ? error.message : String(error)}`)
  }
  log.info({ url, publicHost: config.PUBLIC_HOST, version: VERSION }, 'listening')
  console.error(
    `Parley ${VERSION} is ready.\n` +
      `  API      ${url}/api/phone/call  (described at ${url}/docs)\n` +
      `  Twilio   reaches it at https://${config.PUBLIC_HOST}/api/phone/twilio/voice\n` +
      `  inbound  ${config.INBOUND_ACTION === undefined ? 'calls are turned away: INBOUND_ACTION is not set' : 'calls are answered'}\n` +
      `  keys     ${config.API_KEYS.length === 0 ? 'none: only requests from this machine are served' : `${config.API_KEYS.length} accepted`}`,
  )

  stopOnSignals({ parley, config, log })
  keepCompiled()
}

function stopOnSignals({ parley, config, log }: { parley: Parley; config: Config; log: Logger }) {
  const hurry = new AbortController()
  let isStopping = false
  let exitCode = 0
  const stop = () => {
    isStopping = true
    log.info({ activeCalls: parley.calls.load.active }, 'shutting down')
    shutDown(parley, {
      clock: systemClock,
      drainTimeoutMs: config.DRAIN_TIMEOUT_S * 1000,
      lameDuckMs: config.LAME_DUCK_S * 1000,
      hurry: hurry.signal,
    }).then(
      () => {
        log.info('shut down')
        process.exit(exitCode)
      },
      (error: unknown) => {
        log.fatal({ err: error }, 'shutting down failed')
        process.exit(1)
      },
    )
  }
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.on(signal, () => {
      log.info({ signal }, 'asked to stop')
      if (!isStopping) {
        stop()
        return
      }
      // Whoever asks twice does not want to wait for the calls, and whoever asks again for nothing at all.
      exitCode = 1
      if (hurry.signal.aborted) process.exit(exitCode)
      hurry.abort()
      void systemClock.sleep(HURRY_MS).then(() => process.exit(exitCode))
    })
  }
  // What nobody has caught may have left anything half done: calls are let finish, but no new ones are taken.
  for (const event of ['uncaughtException', 'unhandledRejection'] as const) {
    process.on(event, (error: unknown) => {
      log.fatal({ err: error, event }, 'error that nobody caught')
      exitCode = 1
      if (!isStopping) stop()
    })
  }
}

function fail(message: string): never {
  console.error(message)
  process.exit(1)
}
