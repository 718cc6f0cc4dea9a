import type Anthropic from '@anthropic-ai/sdk'
import { APIConnectionError, APIError } from '@anthropic-ai/sdk'
import type { Clock } from '../../clock.ts'
import type { ProviderError } from '../../errors.ts'
import type { Logger } from '../../log.ts'
import type { ReplyPart } from '../../pipeline/ports.ts'
import { toProviderError } from './failure.ts'
import { ReplyAssembler, type ReplyUsage } from './reply-assembler.ts'
import { type Deadlines, Watchdog } from './watchdog.ts'

export type ReplySource = Deadlines & {
  readonly client: Anthropic
  readonly clock: Clock
  readonly log: Logger
  /** Told of each whole reply what it took. */
  readonly onUsage?: (usage: ReplyUsage) => void
  /** A request is sent a second time, because the first one has failed. */
  readonly onRetry?: () => void
}

/** Enough to meet another machine behind an overloaded one, too little to be noticed in a call. */
const SECOND_TRY_AFTER_MS = 200
/** A server that asks for more patience than this gets no second try: the caller has none either. */
const MAX_RETRY_AFTER_S = 1

/**
 * One reply, streamed. A failure before its first part is tried again, once, within the same deadline. Ends quietly when
 * aborted.
 *
 * @throws {ProviderError} when the reply fails for good
 */
export async function* streamReply(
  source: ReplySource,
  request: Anthropic.MessageCreateParamsStreaming,
  { signal }: { signal: AbortSignal },
): AsyncGenerator<ReplyPart> {
  using watchdog = new Watchdog(source.clock, source)
  for (let tries = 1; ; tries++) {
    let began = false
    try {
      for await (const part of attempt(source, request, { signal, watchdog })) {
        began = true
        yield part
      }
      return
    } catch (error) {
      // Why it was aborted is the caller's business, and no fault of the vendor.
      if (signal.aborted) return
      const failure = watchdog.late ?? toProviderError(error)
      const delayMs = began || tries > 1 ? undefined : secondTryAfterMs(failure)
      if (delayMs === undefined) throw failure
      source.log.debug({ code: failure.code, vendorCode: failure.vendorCode }, 'claude asked again')
      source.onRetry?.()
      await source.clock.sleep(delayMs, { signal }).catch(() => {
        // Aborted while waiting: the next attempt finds that out before it sends anything.
      })
    }
  }
}

async function* attempt(
  { client, clock, log, onUsage }: ReplySource,
  request: Anthropic.MessageCreateParamsStreaming,
  { signal, watchdog }: { signal: AbortSignal; watchdog: Watchdog },
): AsyncGenerator<ReplyPart> {
  const startedMs = clock.now()
  const reply = new ReplyAssembler()
  watchdog.wait()
  const stream = await client.messages.create(request, {
    signal: AbortSignal.any([signal, watchdog.signal]),
  })
  for await (const event of stream) {
    watchdog.arrived(event.type === 'content_block_delta')
    if (signal.aborted) return
    const part = reply.take(event)
    if (part) yield part
    watchdog.wait()
  }
  watchdog.arrived()
  // The SDK ends its loop quietly when aborted, whoever aborts it.
  if (signal.aborted) return
  if (watchdog.late) throw watchdog.late
  const done = reply.finish()
  onUsage?.(reply.usage)
  log.debug({ ...reply.usage, durationMs: Math.round(clock.now() - startedMs) }, 'claude replied')
  yield done
}

/** How long to wait before a second try, or undefined when there is no point in one. */
function secondTryAfterMs(failure: ProviderError): number | undefined {
  const { code, cause } = failure
  if (code === 'disconnected' || cause instanceof APIConnectionError) return 0
  if (code !== 'unavailable' && code !== 'rate_limited') return undefined
  const headers = cause instanceof APIError ? (cause.headers as Headers | undefined) : undefined
  const retryAfterS = Number(headers?.get('retry-after') ?? 0)
  // A date instead of seconds is not a number, and no quick retry either.
  return retryAfterS <= MAX_RETRY_AFTER_S ? SECOND_TRY_AFTER_MS : undefined
}
