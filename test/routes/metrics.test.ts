import fastify from 'fastify'
import { serializerCompiler, validatorCompiler } from 'fastify-type-provider-zod'
import { expect, it, onTestFinished } from 'vitest'
import { scaledClock } from '../../src/clock.ts'
import { Metrics } from '../../src/metrics/metrics.ts'
import { metricsRoute } from '../../src/routes/metrics.ts'
import { guarded } from '../helpers/guarded.ts'
import { samplesOf } from '../helpers/prometheus.ts'

async function serve(apiKeys: string[]) {
  const metrics = new Metrics({
    clock: scaledClock(1),
    isDraining: () => false,
    outboxDepth: () => 0,
  })
  const app = fastify()
  app.setValidatorCompiler(validatorCompiler)
  app.setSerializerCompiler(serializerCompiler)
  guarded(app, apiKeys)
  app.register(metricsRoute({ metrics }))
  const url = await app.listen({ host: '127.0.0.1', port: 0 })
  onTestFinished(() => app.close())
  return (headers: Record<string, string> = {}) => fetch(`${url}/metrics`, { headers })
}

it('is read by Prometheus on the same machine, without a key where there is none', async () => {
  const get = await serve([])
  const response = await get()
  expect(response.status).toBe(200)
  expect(response.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8')
  const samples = samplesOf(await response.text())
  expect(samples.of('phone_draining')).toBe(0)
  expect(samples.of('process_resident_memory_bytes')).toBeGreaterThan(10_000_000)
  expect(samples.of('nodejs_eventloop_lag_p99_seconds')).toBeGreaterThanOrEqual(0)
})

it('is not told to anybody who comes through a tunnel', async () => {
  const get = await serve([])
  expect((await get({ 'x-forwarded-for': '203.0.113.7' })).status).toBe(401)
})

it('wants a key where there are some', async () => {
  const get = await serve(['key'])
  expect((await get()).status).toBe(401)
  expect((await get({ authorization: 'Bearer wrong' })).status).toBe(401)
  expect((await get({ authorization: 'Bearer key' })).status).toBe(200)
})
