import type { Clock } from '../../clock.ts'
import type { Logger } from '../../log.ts'
import type { AnsweredCall } from '../answered-call.ts'
import { isTerminal } from '../call-status.ts'
import type { CallStore } from '../call-store.ts'

type Asked = Pick<AnsweredCall, 'callSid' | 'callId' | 'isRinging'>

/** Somebody is on the line, and hears nothing meanwhile. */
const KNOWN_WITHIN_MS = 500

type Surroundings = { readonly clock: Clock; readonly log: Logger }

/** What `elsewhere` says of a call; no where nobody says so in time, and of a call that just comes in, which does not wait for that. */
export async function isKnownElsewhere(
  call: Asked,
  parts: Surroundings & { readonly elsewhere?: (call: Asked) => Promise<boolean> },
): Promise<boolean> {
  const { elsewhere } = parts
  if (!elsewhere || call.isRinging === true) return false
  return inTime(() => elsewhere(call), { ...parts, callSid: call.callSid })
}

/** Whether a call is still this process's; yes where nobody says otherwise in time: the person must not be left on a dead line. */
export async function isStillOurs(
  callId: string,
  parts: Surroundings & {
    readonly lost: (callIds: readonly string[]) => Promise<readonly string[]>
  },
): Promise<boolean> {
  const isLost = async () => (await parts.lost([callId])).length > 0
  return !(await inTime(isLost, { ...parts, callId }))
}

/** The answer; no where there is none in time. */
async function inTime(
  ask: () => Promise<boolean>,
  { clock, log, callSid, callId }: Surroundings & { callSid?: string; callId?: string },
): Promise<boolean> {
  const known = new AbortController()
  const late = clock.sleep(KNOWN_WITHIN_MS, { signal: known.signal }).then(() => false)
  try {
    return await Promise.race([ask(), late])
  } catch (error) {
    log.warn({ err: error, callSid, callId }, 'nobody could be asked about a call')
    return false
  } finally {
    known.abort()
  }
}

/** No process has carried more calls than this at once. */
const MOST = 10_000

/**
 * Whether a call that is not known here is open on record: another process carries it, or has been killed a moment ago, so that
 * somebody will take it over.
 */
export async function isOpenElsewhere(
  { callSid, callId }: Asked,
  store: Pick<CallStore, 'get' | 'list'>,
): Promise<boolean> {
  if (callId !== undefined) {
    const record = await store.get(callId)
    return record !== undefined && !isTerminal(record.status)
  }
  const { records } = await store.list({ status: 'in_progress', limit: MOST })
  return records.some((record) => record.callSid === callSid)
}
