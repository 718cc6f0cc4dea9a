import { readFile } from 'node:fs/promises'
import { z } from 'zod'
import { ask } from './api-client.ts'
import { apiOf, printJson, readCommand, UsageError } from './command-options.ts'
import { eventsOf, showEvents } from './command-tail.ts'

const HELP = `Places a call and follows it live, until it is over. Ctrl-C hangs up.

parley call NUMBER ACTION             rings NUMBER (E.164); ACTION is what the call is for
parley call --spec FILE.json          everything that the API takes, from a file
--context TEXT                        the facts that the agent may use
--callee NAME  --agent NAME  --for ORGANIZATION
--language CODE                       such as de
--no-follow                           prints the call's id and returns at once
--json                                one event a line
--url URL  --key KEY                  the server (PARLEY_URL, PARLEY_API_KEY)

Exits 0 when the call was completed, 1 when it was not.`

export async function callCommand(args: readonly string[]): Promise<number> {
  const { values, positionals } = readCommand(args, {
    spec: { type: 'string' },
    context: { type: 'string' },
    callee: { type: 'string' },
    agent: { type: 'string' },
    for: { type: 'string' },
    language: { type: 'string' },
    'no-follow': { type: 'boolean', default: false },
  })
  if (values.help) {
    console.log(HELP)
    return 0
  }
  const api = apiOf(values)
  const [phoneNumber, action] = positionals
  const given = {
    phone_number: phoneNumber,
    action,
    context: values.context,
    callee_name: values.callee,
    agent_name: values.agent,
    organization: values.for,
    language: values.language,
  }
  const spec = { ...(await specIn(values.spec)), ...definedOnly(given) }
  if (spec['phone_number'] === undefined || spec['action'] === undefined) {
    throw new UsageError(`A call needs a number and what it is for.\n\n${HELP}`)
  }
  const placed = PlacedCall.parse(await ask(api, '/api/phone/call', { method: 'POST', body: spec }))
  if (values['no-follow']) {
    if (values.json) printJson(placed)
    else console.log(placed.call_id)
    return 0
  }
  const stop = new AbortController()
  process.once('SIGINT', () => {
    const path = `/api/phone/calls/${placed.call_id}/hangup`
    // A second Ctrl-C ends this program; whoever hangs up once still sees how the call ends.
    void ask(api, path, { method: 'POST' }).catch(() => {
      stop.abort()
    })
  })
  const end = await showEvents(api, {
    path: eventsOf(placed.call_id),
    json: values.json,
    partial: false,
    withCall: false,
    signal: stop.signal,
  })
  return end?.status === 'completed' ? 0 : 1
}

const PlacedCall = z.looseObject({ call_id: z.string() })

async function specIn(path: string | undefined): Promise<Record<string, unknown>> {
  if (path === undefined) return {}
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch {
    throw new UsageError(`There is no file ${path}.`)
  }
  try {
    return z.record(z.string(), z.unknown()).parse(JSON.parse(text))
  } catch {
    throw new UsageError(`${path} does not hold a JSON object.`)
  }
}

function definedOnly(values: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined))
}
