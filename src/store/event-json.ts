import type { CallEvent } from '../calls/call-events.ts'
import { recordFromJson, type RecordJson, recordToJson } from './record-json.ts'

/** The columns of an event. */
export type EventRow = {
  readonly callId: string
  readonly seq: number
  readonly order: number
  readonly type: string
  /** Milliseconds since 1970. */
  readonly at: number
  /** JSON of everything else. */
  readonly body: string
}

export function eventToRow(event: CallEvent): EventRow {
  const { callId, seq, order, at, type, ...rest } = event
  const body = 'record' in rest ? { record: recordToJson(rest.record) } : rest
  return { callId, seq, order, type, at: at.getTime(), body: JSON.stringify(body) }
}

/** The JSON is our own: what is in it has the types that were written. */
export function eventFromRow({ body, at, ...columns }: EventRow): CallEvent {
  const rest = JSON.parse(body) as Record<string, unknown>
  const happening =
    columns.type === 'call.created'
      ? { ...rest, record: recordFromJson(rest['record'] as RecordJson) }
      : rest
  return { ...columns, at: new Date(at), ...happening } as CallEvent
}
