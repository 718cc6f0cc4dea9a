#!/usr/bin/env node
import { ApiError } from './api-client.ts'
import { UsageError } from './command-options.ts'
import { useCompileCache } from '../compile-cache.ts'
import { VERSION } from '../version.ts'

type Command = {
  readonly about: string
  /** Resolves with the exit code. */
  readonly run: (args: readonly string[]) => Promise<number>
}

/** Loaded when needed: a command should answer at once. */
const COMMANDS: Readonly<Record<string, Command>> = {
  call: {
    about: 'places a call and follows it live: parley call +15551234567 "Confirm the appointment"',
    run: async (args) => (await import('./command-call.ts')).callCommand(args),
  },
  calls: {
    about: 'lists calls, newest first',
    run: async (args) => (await import('./command-calls.ts')).callsCommand(args),
  },
  show: {
    about: 'one call: what was said, what came out, how long the caller waited',
    run: async (args) => (await import('./command-show.ts')).showCommand(args),
  },
  tail: {
    about: 'follows what happens in all calls, or in one',
    run: async (args) => (await import('./command-tail.ts')).tailCommand(args),
  },
  key: {
    about: 'makes an API key, and what the server needs to know of it',
    run: async (args) => (await import('./command-key.ts')).keyCommand(args),
  },
  say: {
    about: 'speaks a text into a file: parley say "Good morning" --out morning.wav',
    run: async (args) => (await import('./command-say.ts')).sayCommand(args),
  },
  transcribe: {
    about: 'writes down what is said in a WAV file',
    run: async (args) => (await import('./command-transcribe.ts')).transcribeCommand(args),
  },
  doctor: {
    about: 'checks everything that real calls need, and says what to do',
    run: async (args) => (await import('./command-doctor.ts')).doctorCommand(args),
  },
  replay: {
    about: 'replays flight records: as npm run replay',
    run: (args) => script('./replay.ts', args),
  },
  demo: {
    about: 'a whole call on this machine, without an account: as npm run demo',
    run: (args) => script('./demo.ts', args),
  },
}

const HELP = `Parley ${VERSION}: phone calls by an AI agent, from the terminal.

usage: npx parley COMMAND [options]

${Object.entries(COMMANDS)
  .map(([name, { about }]) => `  ${name.padEnd(10)} ${about}`)
  .join('\n')}

Commands that talk with a server take --url (or PARLEY_URL; default http://127.0.0.1:8000) and --key (or PARLEY_API_KEY).
Each takes --json, for other programs, and --help.`

/** These read their own arguments from the process. */
async function script(path: string, args: readonly string[]): Promise<number> {
  process.argv.splice(2, process.argv.length, ...args)
  await import(path)
  return Number(process.exitCode ?? 0)
}

async function main(): Promise<number> {
  useCompileCache()
  const [name, ...args] = process.argv.slice(2)
  if (name === undefined || name === '--help' || name === '-h' || name === 'help') {
    console.log(HELP)
    return name === undefined ? 2 : 0
  }
  if (name === '--version') {
    console.log(VERSION)
    return 0
  }
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined
  if (!command) {
    console.error(`There is no command "${name}". There are: ${Object.keys(COMMANDS).join(', ')}`)
    return 2
  }
  return command.run(args)
}

try {
  process.exitCode = await main()
} catch (error) {
  if (!(error instanceof ApiError || error instanceof UsageError)) throw error
  console.error(error.message)
  process.exitCode = error instanceof UsageError ? 2 : 1
}
