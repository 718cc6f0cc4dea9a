import { type Api, follow } from './api-client.ts'
import { apiOf, printJson, readCommand } from './command-options.ts'
import { EventJson, lineOf } from './event-lines.ts'

const HELP = `Follows what happens in calls, as it happens.

parley tail                 all calls, until Ctrl-C
parley tail CALL_ID         one call, until it is over
--partial                   also what is being said, before it is a turn
--json                      one event a line
--url URL  --key KEY        the server (PARLEY_URL, PARLEY_API_KEY)`

export async function tailCommand(args: readonly string[]): Promise<number> {
  const { values, positionals } = readCommand(args, {
    partial: { type: 'boolean', default: false },
  })
  if (values.help) {
    console.log(HELP)
    return 0
  }
  const [callId] = positionals
  const stop = new AbortController()
  process.once('SIGINT', () => {
    stop.abort()
  })
  await showEvents(apiOf(values), {
    path: callId === undefined ? '/api/phone/events' : eventsOf(callId),
    json: values.json,
    partial: values.partial,
    withCall: callId === undefined,
    signal: stop.signal,
  })
  return 0
}

export function eventsOf(callId: string): string {
  return `/api/phone/calls/${encodeURIComponent(callId)}/events`
}

/** Prints events until the stream ends; returns the last one that was the end of a call. */
export async function showEvents(
  api: Api,
  options: {
    readonly path: string
    readonly json: boolean
    readonly partial: boolean
    /** Say of which call each event is. */
    readonly withCall: boolean
    readonly signal: AbortSignal
  },
): Promise<EventJson | undefined> {
  let end: EventJson | undefined
  try {
    for await (const { data } of follow(api, options.path, { signal: options.signal })) {
      const event = EventJson.parse(JSON.parse(data))
      if (event.type === 'call.ended') end = event
      show(event, options)
    }
  } catch (error) {
    if (!options.signal.aborted) throw error
  }
  return end
}

function show(
  event: EventJson,
  { json, partial, withCall }: { json: boolean; partial: boolean; withCall: boolean },
): void {
  const isPassing = event.type === 'caller.partial' || event.type === 'agent.heard'
  if (isPassing && !partial) return
  if (json) {
    printJson(event)
    return
  }
  const line = isPassing ? `          … ${String(event['text'])}` : lineOf(event)
  if (line !== undefined) console.log(withCall ? `${event.call_id.slice(-6)}  ${line}` : line)
}
