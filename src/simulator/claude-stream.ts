import type { ServerResponse } from 'node:http'
import type { Clock } from '../clock.ts'
import { cutBlocks } from './claude-blocks.ts'
import type { SimulatedMessage } from './claude-message.ts'

/** How a stream breaks after `after` pieces, if it does. */
export type Break = {
  readonly how: 'stall' | 'cut' | 'early_end' | 'error_event' | 'garbage'
  readonly after: number
  readonly errorType?: string
}

/** A ping comes after so many pieces, and once near the start; clients have to pass over them. */
const PING_EVERY = 20

/** Writes a message as server-sent events at the pace of a model. Rejects with the signal's reason when the client leaves. */
export async function writeStream(
  response: ServerResponse,
  message: Omit<SimulatedMessage, 'whole'>,
  options: {
    clock: Clock
    tokenMs: number
    signal: AbortSignal
    breaks: Break | undefined
    /** Told of each piece of text as it leaves. */
    onText?: (text: string) => void
  },
): Promise<void> {
  const { clock, tokenMs, signal, breaks } = options
  const send = (type: string, fields: object = {}) => {
    response.write(`event: ${type}\ndata: ${JSON.stringify({ type, ...fields })}\n\n`)
  }
  const blocks = breaks ? cutBlocks(message.blocks, breaks.after) : message.blocks
  send('message_start', { message: message.head })
  const startMs = clock.now()
  let pieces = 0
  for (const [index, { start, deltas }] of blocks.entries()) {
    send('content_block_start', { index, content_block: start })
    if (index === 0) send('ping')
    for (const delta of deltas) {
      // An absolute schedule: late timers do not add up over a long reply.
      const dueMs = startMs + pieces * tokenMs
      if (dueMs > clock.now()) await clock.sleep(dueMs - clock.now(), { signal })
      if (delta.type === 'text_delta') options.onText?.(delta.text)
      send('content_block_delta', { index, delta })
      if (++pieces % PING_EVERY === 0) send('ping')
    }
    if (breaks === undefined || pieces < breaks.after) send('content_block_stop', { index })
  }
  if (breaks) {
    await breakOff(response, breaks, signal)
    return
  }
  send('message_delta', message.end)
  send('message_stop')
  response.end()
}

async function breakOff(response: ServerResponse, { how, errorType }: Break, signal: AbortSignal) {
  if (how === 'stall') await untilAborted(signal)
  if (how === 'cut') {
    // What was written goes out before the socket is reset.
    await new Promise<void>((resolve) =>
      response.write('\n', () => {
        resolve()
      }),
    )
    response.socket?.resetAndDestroy()
    return
  }
  if (how === 'garbage') response.write('event: content_block_delta\ndata: <html>502</html>\n\n')
  if (how === 'error_event') {
    const error = { type: errorType ?? 'overloaded_error', message: 'Overloaded' }
    response.write(`event: error\ndata: ${JSON.stringify({ type: 'error', error })}\n\n`)
  }
  response.end()
}

export function untilAborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    const stop = () => {
      reject(signal.reason as Error)
    }
    if (signal.aborted) stop()
    else signal.addEventListener('abort', stop, { once: true })
  })
}
