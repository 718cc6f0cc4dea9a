import type { FastifyPluginCallbackZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { SECURITY } from './api-keys.ts'
import { ErrorBody } from './error-body.ts'
import { routes } from './routes.ts'

/** What is measured, in a format that Prometheus reads. */
export type MetricsSource = {
  readonly contentType: string
  text(): Promise<string>
}

const MetricsText = z.string().meta({
  description: 'The text format of Prometheus',
  examples: ['# TYPE phone_calls_active gauge\nphone_calls_active{direction="outbound"} 3\n'],
})

/** `GET /metrics`, for Prometheus: with a key, like the API, because it tells how business goes. */
export function metricsRoute(deps: { metrics: MetricsSource }): FastifyPluginCallbackZod {
  const { metrics } = deps
  return routes('metricsRoute', (app) => {
    app.get(
      '/metrics',
      {
        config: { access: 'metrics:read' },
        schema: {
          operationId: 'getMetrics',
          summary: 'Metrics for Prometheus',
          tags: ['health'],
          security: SECURITY,
          response: { 200: MetricsText, 401: ErrorBody },
        },
      },
      async (_request, reply) => reply.type(metrics.contentType).send(await metrics.text()),
    )
  })
}
