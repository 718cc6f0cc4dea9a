/** Where a trace was when a call was asked for (W3C Trace Context, level 1). */
export type TraceParent = {
  /** 32 hex digits, not all zero. */
  readonly traceId: string
  /** 16 hex digits, not all zero. */
  readonly spanId: string
  readonly sampled: boolean
}

/** Later versions may have more behind the flags, which is for those who know them. */
const HEADER =
  /^(?!ff)([0-9a-f]{2})-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/

/** Reads a `traceparent` header; undefined when it is not one, as the standard wants it to be treated. */
export function parseTraceparent(header: unknown): TraceParent | undefined {
  if (typeof header !== 'string') return undefined
  const [, version, traceId, spanId, flags, more] = HEADER.exec(header.trim()) ?? []
  if (traceId === undefined || spanId === undefined || flags === undefined) return undefined
  if (version === '00' && more !== undefined) return undefined
  return { traceId, spanId, sampled: (Number.parseInt(flags, 16) & 1) === 1 }
}

/** The `traceparent` of a request, to be kept with what it asks for; nothing when there is none that can be read. */
export function traceparentOf(
  headers: Readonly<Record<string, unknown>>,
): Readonly<{ traceparent?: string }> {
  const header = headers['traceparent']
  return typeof header === 'string' && parseTraceparent(header) ? { traceparent: header } : {}
}
