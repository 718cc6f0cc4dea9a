/**
 * A process that carries one call and keeps it in the store that its argument names: a turn every few milliseconds, and each
 * one's number on standard output when the next one begins. Told `end` on standard input it ends the call, and itself.
 */
import { createInterface } from 'node:readline'
import { CallEvents } from '../../src/calls/call-events.ts'
import { systemClock } from '../../src/clock.ts'
import { createLogger } from '../../src/log.ts'
import { openStore } from '../../src/store/open-store.ts'
import { StoreOutbox } from '../../src/store/store-outbox.ts'
import { call, callerSays, liveCall } from './kept-calls.ts'

const [url = '', words = ''] = process.argv.slice(2)
const TURN_MS = 25
const clock = systemClock

// A limit on the size of files is told by this signal, which ends a process that does not heed it.
process.on('SIGXFSZ', () => undefined)

const log = createLogger({ level: 'info' })
const store = new StoreOutbox({ store: await openStore(url, { clock, log }), clock, log })
const events = new CallEvents(clock, (error) => {
  throw error
})
store.follow(events)

const over = new AbortController()
createInterface({ input: process.stdin }).on('line', () => {
  over.abort()
})

const record = liveCall(0)
const { callId } = record
await store.save(record)
say(`call ${callId}`)
events.publish(callId, { type: 'call.created', record })
events.publish(callId, { type: 'call.answered' })
const turns = []
// How long the thread was busy at a stretch, at most.
let longestMs = 0
while (!over.signal.aborted) {
  const turn = callerSays(`turn ${turns.length + 1} ${words}`, turns.length * 1000)
  turns.push(turn)
  events.publish(callId, { type: 'turn', turn })
  const startedAt = clock.now()
  await clock.sleep(TURN_MS)
  longestMs = Math.max(longestMs, clock.now() - startedAt - TURN_MS)
  say(`turn ${turns.length}`)
}
await store.save(call(0, { callId, turns }))
say(`stalled ${Math.round(longestMs)}`)
await store.close()
process.exit(0)

function say(line: string): void {
  process.stdout.write(`${line}\n`)
}
