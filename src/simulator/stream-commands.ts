import { StreamCommand } from '../providers/twilio/messages.ts'
import type { FaultCode } from './twilio-faults.ts'

export type ReadCommand =
  | { readonly command: StreamCommand }
  | { readonly fault: Extract<FaultCode, 31950 | 31951>; readonly detail: string }

/** Reads what the server sends on a stream, as strictly as Twilio: what is not right to the letter is ignored. */
export function readCommand(text: Buffer, isBinary: boolean, streamSid: string): ReadCommand {
  if (isBinary) return { fault: 31950, detail: `${text.length} bytes` }
  const invalid = (detail: string): ReadCommand => ({ fault: 31951, detail })
  let json: unknown
  try {
    json = JSON.parse(text.toString())
  } catch {
    return invalid('not JSON')
  }
  const parsed = StreamCommand.safeParse(json)
  if (!parsed.success) {
    const [issue] = parsed.error.issues
    return invalid(`${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}`)
  }
  if (parsed.data.streamSid !== streamSid) return invalid('the streamSid of another stream')
  return { command: parsed.data }
}
