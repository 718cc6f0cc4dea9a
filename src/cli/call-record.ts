import { z } from 'zod'
import type { Clock } from '../clock.ts'

/** A call's record as `GET /api/phone/calls/{call_id}` gives it: what the demo and its tests read of it. */
export const CallJson = z.looseObject({
  call_id: z.string(),
  status: z.string(),
  end_reason: z.string().nullable(),
  answered_by: z.string().nullable(),
  notes: z.array(z.unknown()),
  opted_out: z.boolean(),
  transferred_to: z.string().nullable(),
  message_left: z.string().nullable(),
  failure: z.object({ by: z.string(), code: z.string(), message: z.string() }).nullable(),
  transcript: z.array(
    z.looseObject({
      role: z.enum(['caller', 'agent', 'tool']),
      text: z.string().optional(),
      interrupted: z.boolean().optional(),
      start_ms: z.number(),
      end_ms: z.number(),
    }),
  ),
  timings: z.array(
    z.looseObject({
      reply: z.number(),
      kind: z.string(),
      speech_end_ms: z.number().optional(),
      turn_end_ms: z.number().optional(),
      filler_ms: z.number().optional(),
      first_text_ms: z.number().optional(),
      first_audio_ms: z.number().optional(),
      heard_ms: z.number().optional(),
      barge_in_ms: z.number().optional(),
      cleared_ms: z.number().optional(),
    }),
  ),
})
export type CallJson = z.infer<typeof CallJson>

const OVER = new Set(['completed', 'busy', 'no_answer', 'failed', 'canceled'])
/** A record is closed within moments of the call's end; this is for slow machines. */
const CLOSE_TIMEOUT_MS = 15_000
/** How long to wait until the record is asked for again: soon after the first time, less often in a call that goes on. */
const FIRST_WAIT_MS = 50
const LONGEST_WAIT_MS = 500

/** Places a call by HTTP, as any user would. @throws with the server's own words when it refuses */
export async function placeCall(url: string, body: unknown): Promise<string> {
  const response = await fetch(`${url}/api/phone/call`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
  const text = await response.text()
  if (!response.ok) throw new Error(`the server answered ${response.status}: ${text}`)
  return z.object({ call_id: z.string() }).parse(JSON.parse(text)).call_id
}

export async function newestCallId(url: string): Promise<string> {
  const response = await fetch(`${url}/api/phone/calls?limit=1`)
  const { calls } = z
    .object({ calls: z.array(z.object({ call_id: z.string() })) })
    .parse(await response.json())
  const newest = calls[0]
  if (!newest) throw new Error('the server has no call on record')
  return newest.call_id
}

/** The record of a call that is over; waits until it is closed. */
export async function closedRecord(
  url: string,
  callId: string,
  clock: Clock,
  timeoutMs = CLOSE_TIMEOUT_MS,
): Promise<CallJson> {
  const deadline = clock.now() + timeoutMs
  for (let waitMs = FIRST_WAIT_MS; ; waitMs = Math.min(LONGEST_WAIT_MS, waitMs * 2)) {
    const response = await fetch(`${url}/api/phone/calls/${callId}`)
    const record = CallJson.parse(await response.json())
    if (OVER.has(record.status)) return record
    if (clock.now() > deadline) throw new Error(`call ${callId} is still ${record.status}`)
    await clock.sleep(waitMs)
  }
}
