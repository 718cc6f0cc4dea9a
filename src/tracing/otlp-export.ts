import {
  type HrTime,
  ROOT_CONTEXT,
  type Span,
  SpanStatusCode,
  trace,
  TraceFlags,
  type Tracer,
} from '@opentelemetry/api'
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http'
import { defaultResource, resourceFromAttributes } from '@opentelemetry/resources'
import { BatchSpanProcessor, type SpanExporter, TracerProvider } from '@opentelemetry/sdk-trace'
import type { Logger } from '../log.ts'
import { VERSION } from '../version.ts'
import type { OpenSpan, Spans, SpanStart } from './spans.ts'

/**
 * Spans by OpenTelemetry's own SDK. This file and what it imports cost some 50 ms and 5 MB: it is imported by `import()`, and only
 * when there is a collector.
 */
export type SpanExport = {
  readonly spans: Spans
  /** Sends what waits, and lets go of everything. Never rejects. */
  close(): Promise<void>
}

/** For the collector to take a batch. A server that is shut down waits so long at most. */
const EXPORT_TIMEOUT_MS = 5000
/** Between two batches. */
const BATCH_EVERY_MS = 2000

export function openOtlpExport({ endpoint, log }: { endpoint: string; log: Logger }): SpanExport {
  const exporter = new OTLPTraceExporter({
    url: `${endpoint.replace(/\/+$/, '')}/v1/traces`,
    timeoutMillis: EXPORT_TIMEOUT_MS,
  })
  const provider = new TracerProvider({
    resource: defaultResource().merge(
      resourceFromAttributes({ 'service.name': 'parley', 'service.version': VERSION }),
    ),
    spanProcessors: [
      new BatchSpanProcessor({
        exporter: telling(exporter, log),
        scheduledDelayMillis: BATCH_EVERY_MS,
        exportTimeoutMillis: EXPORT_TIMEOUT_MS,
      }),
    ],
  })
  return {
    spans: new OtelSpans(provider.getTracer('parley', VERSION)),
    close: async () => {
      try {
        await provider.shutdown()
      } catch (error) {
        log.warn({ err: error }, 'traces were not sent')
      }
    },
  }
}

/** The SDK keeps to itself that spans could not be sent. */
function telling(exporter: SpanExporter, log: Logger): SpanExporter {
  return {
    export: (spans, done) => {
      exporter.export(spans, (result) => {
        if (result.error)
          log.warn({ err: result.error, spans: spans.length }, 'traces were not sent')
        done(result)
      })
    },
    shutdown: () => exporter.shutdown(),
    forceFlush: () => exporter.forceFlush?.() ?? Promise.resolve(),
  }
}

class OtelSpans implements Spans {
  readonly #tracer: Tracer

  constructor(tracer: Tracer) {
    this.#tracer = tracer
  }

  start(name: string, { startMs, parent, attributes }: SpanStart): OpenSpan {
    const options = { startTime: hrTime(startMs), ...(attributes && { attributes }) }
    return new OtelSpan(this.#tracer.startSpan(name, options, contextOf(parent)))
  }
}

class OtelSpan implements OpenSpan {
  readonly span: Span

  constructor(span: Span) {
    this.span = span
  }

  event(name: string, atMs: number): void {
    this.span.addEvent(name, hrTime(atMs))
  }

  set(attributes: Parameters<OpenSpan['set']>[0]): void {
    this.span.setAttributes(attributes)
  }

  fail(reason: string): void {
    this.span.setStatus({ code: SpanStatusCode.ERROR, message: reason })
  }

  end(atMs: number): void {
    this.span.end(hrTime(atMs))
  }
}

function contextOf(parent: SpanStart['parent']) {
  if (parent instanceof OtelSpan) return trace.setSpan(ROOT_CONTEXT, parent.span)
  if (parent === undefined || !('traceId' in parent)) return ROOT_CONTEXT
  const { traceId, spanId, sampled } = parent
  const traceFlags = sampled ? TraceFlags.SAMPLED : TraceFlags.NONE
  return trace.setSpanContext(ROOT_CONTEXT, { traceId, spanId, traceFlags, isRemote: true })
}

function hrTime(ms: number): HrTime {
  const seconds = Math.floor(ms / 1000)
  return [seconds, Math.floor((ms - seconds * 1000) * 1e6)]
}
