import { once } from 'node:events'
import { systemClock } from '../clock.ts'
import { createLogger } from '../log.ts'
import { scenarios } from '../simulator/scenarios/all.ts'
import { CallLinesPrinter } from './call-lines-printer.ts'
import { startDemoWorld } from './demo-world.ts'

/** Scenarios that can be had by dialling their number while all share the same healthy vendors. */
const dialable = scenarios.filter(
  ({ direction, vendors }) => direction === 'outbound' && vendors === undefined,
)

/** Stays up until interrupted, and prints every call as it is heard. */
export async function serveDemo(options: { port: number; logLevel: string }): Promise<number> {
  const printer = new CallLinesPrinter({
    write: (line) => process.stdout.write(line),
    clock: systemClock,
  })
  await using world = await startDemoWorld({
    scenarios: dialable,
    clock: systemClock,
    log: createLogger({ level: options.logLevel }),
    port: options.port,
    environment: ofTheDemo(process.env),
    on: (event) => {
      printer.print(event)
    },
  })
  console.log(welcome(world.url))
  await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')])
  console.log('\nGoodbye.')
  return 0
}

/** What a server with simulated vendors can be told as well: where to report, what to keep. */
const SETTINGS = [
  'WEBHOOK_URL',
  'WEBHOOK_SECRET',
  'RECORDINGS_DIR',
  'FLIGHT_RECORD_DIR',
  'FLIGHT_RECORD_PII',
  'SPECULATION',
  'TWILIO_AMD',
  'AI_DISCLOSURE',
  'RECORDING_ANNOUNCEMENT',
  'OTEL_EXPORTER_OTLP_ENDPOINT',
  'MASTRA_ENABLED',
  'MASTRA_DATABASE_URL',
  'MASTRA_DIAL_APPROVAL',
  'MASTRA_API',
  'MASTRA_STUDIO_ORIGIN',
  'MCP_ENABLED',
  'CONVERSATION_ENGINE',
  'API_KEYS',
]

function ofTheDemo(environment: NodeJS.ProcessEnv): Record<string, string> {
  return Object.fromEntries(
    SETTINGS.flatMap((name) => {
      const value = environment[name]
      return value === undefined ? [] : [[name, value]]
    }),
  )
}

function welcome(url: string): string {
  const numbers = dialable.map(({ call, about }) => `  ${call.phone_number}   ${about}`)
  return `Parley is up at ${url}, its documentation at ${url}/docs. Ring somebody:

  curl -X POST ${url}/api/phone/call -H 'content-type: application/json' -d '{
    "phone_number": "+12345678900",
    "action": "Confirm your dentist appointment Thursday at 2pm",
    "context": "Dr. Smith, Suite 200. Rescheduling available Mon-Fri.",
    "callee_name": "John", "agent_name": "Alex", "organization": "Downtown Dental"
  }'

  curl ${url}/api/phone/calls

Who is at which number:
${numbers.join('\n')}

Calls are printed below as they are heard. Ctrl-C ends.
`
}
