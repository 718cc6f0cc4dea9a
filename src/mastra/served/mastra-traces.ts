import type {
  AnyExportedSpan,
  ObservabilityExporter,
  TracingEvent,
} from '@mastra/core/observability'
import { Observability } from '@mastra/observability'
import type { Attributes, OpenSpan, Spans } from '../../tracing/spans.ts'

/** Attributes of Mastra's spans that say nothing of what was said. */
const PLAIN = ['model', 'provider', 'finishReason', 'streaming', 'toolType', 'success', 'status']
/** What is never ended is not kept for ever. */
const MAX_OPEN = 10_000

/** What Mastra's agents, tools and workflows do, for the collector that has our calls' traces as well. */
export function mastraTraces(spans: Spans): Observability {
  return new Observability({
    configs: { parley: { serviceName: 'parley', exporters: [new SpanExporter(spans)] } },
  })
}

/** Hands Mastra's spans on to our exporter, as they begin and end: names, kinds and figures, never what was asked or answered. */
class SpanExporter implements ObservabilityExporter {
  readonly name = 'parley'
  readonly #spans: Spans
  readonly #open = new Map<string, OpenSpan>()

  constructor(spans: Spans) {
    this.#spans = spans
  }

  exportTracingEvent({ type, exportedSpan }: TracingEvent): Promise<void> {
    // By their values: the enum itself is not ours to load.
    const kind: string = type
    if (kind === 'span_started' || exportedSpan.isEvent) this.#begin(exportedSpan)
    if (kind === 'span_ended' || exportedSpan.isEvent) this.#end(exportedSpan)
    return Promise.resolve()
  }

  flush(): Promise<void> {
    return Promise.resolve()
  }

  shutdown(): Promise<void> {
    this.#open.clear()
    return Promise.resolve()
  }

  #begin({ id, name, type, startTime, parentSpanId }: AnyExportedSpan): void {
    if (this.#open.size >= MAX_OPEN) this.#open.clear()
    const parent = parentSpanId === undefined ? undefined : this.#open.get(parentSpanId)
    const attributes = { 'mastra.span.type': type }
    this.#open.set(
      id,
      this.#spans.start(nameOf(type, name), { startMs: startTime.getTime(), parent, attributes }),
    )
  }

  #end({ id, attributes, startTime, endTime, errorInfo, entityId }: AnyExportedSpan): void {
    const span = this.#open.get(id)
    if (!span) return
    this.#open.delete(id)
    span.set({
      ...plainAttributes(attributes ?? {}),
      ...(entityId !== undefined && { 'mastra.entity.id': entityId }),
    })
    if (errorInfo) span.fail(errorInfo.id ?? 'error')
    span.end((endTime ?? startTime).getTime())
  }
}

/** Mastra's names quote ids that models have made up; what stands before the colon is its own. */
function nameOf(type: string, name: string): string {
  const [kind = type] = name.split(':')
  return `mastra ${kind}`
}

function plainAttributes(attributes: object): Attributes {
  const given = Object.entries(attributes).filter(([key]) => PLAIN.includes(key))
  const usage = 'usage' in attributes ? Object.entries(attributes.usage ?? {}) : []
  return Object.fromEntries(
    [...given, ...usage]
      .filter(([, value]) => ['string', 'number', 'boolean'].includes(typeof value))
      .map(([key, value]) => [`mastra.${key}`, value as string | number | boolean]),
  )
}
