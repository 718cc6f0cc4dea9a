import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { z } from 'zod'
import { onTestFinished } from './together.ts'

const Value = z.union([
  z.object({ stringValue: z.string() }).transform(({ stringValue }) => stringValue),
  z.object({ intValue: z.union([z.number(), z.string()]) }).transform(({ intValue }) => +intValue),
  z.object({ doubleValue: z.number() }).transform(({ doubleValue }) => doubleValue),
  z.object({ boolValue: z.boolean() }).transform(({ boolValue }) => boolValue),
  z.object({ arrayValue: z.unknown() }).transform(() => 'an array'),
])
const Attributes = z
  .array(z.object({ key: z.string(), value: Value }))
  .transform((list) => Object.fromEntries(list.map(({ key, value }) => [key, value])))

/** As a collector is sent it by OTLP/HTTP in JSON (opentelemetry-proto, trace/v1). */
const ExportTraceRequest = z.object({
  resourceSpans: z.array(
    z.object({
      resource: z.object({ attributes: Attributes }),
      scopeSpans: z.array(
        z.object({
          spans: z.array(
            z.object({
              traceId: z.string().regex(/^[0-9a-f]{32}$/),
              spanId: z.string().regex(/^[0-9a-f]{16}$/),
              parentSpanId: z.string().optional(),
              name: z.string(),
              startTimeUnixNano: z.string().regex(/^\d+$/),
              endTimeUnixNano: z.string().regex(/^\d+$/),
              attributes: Attributes.default({}),
              events: z.array(z.looseObject({ name: z.string() })).default([]),
              status: z.looseObject({ code: z.number().default(0) }).default({ code: 0 }),
            }),
          ),
        }),
      ),
    }),
  ),
})

type WireSpan = z.infer<
  typeof ExportTraceRequest
>['resourceSpans'][number]['scopeSpans'][number]['spans'][number]

export type CollectedSpan = Omit<WireSpan, 'startTimeUnixNano' | 'endTimeUnixNano'> & {
  /** Milliseconds since 1970. */
  readonly startMs: number
  readonly endMs: number
  readonly resource: Readonly<Record<string, unknown>>
}

/** A collector of OpenTelemetry on loopback, which keeps what it is sent; it goes away when the test is over. */
export async function otlpCollector(options: { status?: number } = {}) {
  const spans: CollectedSpan[] = []
  const bodies: string[] = []
  const problems: string[] = []
  const server = createServer((request, response) => {
    let body = ''
    request.on('data', (part: Buffer) => (body += part.toString()))
    request.on('end', () => {
      bodies.push(body)
      if (request.url !== '/v1/traces') problems.push(`asked for ${request.url ?? ''}`)
      if (options.status === undefined) {
        const parsed = ExportTraceRequest.safeParse(JSON.parse(body))
        if (parsed.success) spans.push(...spansOf(parsed.data))
        else problems.push(z.prettifyError(parsed.error))
      }
      response.writeHead(options.status ?? 200, { 'content-type': 'application/json' }).end('{}')
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const close = () =>
    new Promise<void>((resolve) => {
      server.closeAllConnections()
      server.close(() => {
        resolve()
      })
    })
  onTestFinished(close)
  const { port } = server.address() as AddressInfo
  return { url: `http://127.0.0.1:${port}`, spans, bodies, problems, close }
}

function spansOf({ resourceSpans }: z.infer<typeof ExportTraceRequest>): CollectedSpan[] {
  return resourceSpans.flatMap(({ resource, scopeSpans }) =>
    scopeSpans.flatMap(({ spans }) =>
      spans.map(({ startTimeUnixNano, endTimeUnixNano, ...span }) => ({
        ...span,
        startMs: Number(startTimeUnixNano) / 1e6,
        endMs: Number(endTimeUnixNano) / 1e6,
        resource: resource.attributes,
      })),
    ),
  )
}
