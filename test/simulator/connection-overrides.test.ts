import { createServer } from 'node:http'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { describe, expect, it, onTestFinished } from 'vitest'
import { scaledClock } from '../../src/clock.ts'
import { causeOfStatus, overridesOf } from '../../src/simulator/connection-overrides.ts'
import { TwilioWebhooks } from '../../src/simulator/twilio-webhooks.ts'

describe('how Twilio is to ask for a url', () => {
  it('is said by its fragment, within limits', () => {
    expect(overridesOf('https://a.example/v?x=1#ct=2000&rt=5000&rc=2&rp=ct,rt,5xx')).toEqual({
      readTimeoutMs: 5000,
      totalTimeoutMs: 15_000,
      retries: 2,
      retryOn: new Set(['ct', 'rt', '5xx']),
    })
    expect(overridesOf('https://a.example/#rp=all&rc=5').retryOn.size).toBe(4)
    const usual = overridesOf('https://a.example/')
    expect(usual).toMatchObject({ retries: 1, readTimeoutMs: 15_000, retryOn: new Set(['ct']) })
    expect(overridesOf('https://a.example/#rc=6&rt=20&tt=x')).toEqual(usual)
    expect([204, 302, 404, 502].map(causeOfStatus)).toEqual([undefined, undefined, '4xx', '5xx'])
  })

  it.each([
    ['', [503], 503],
    ['#rc=2&rp=5xx', [503, 502, 200], 200],
    ['#rc=1&rp=5xx', [503, 502, 200], 502],
    ['#rc=3&rp=4xx', [503], 503],
    ['#rc=2&rp=rt&rt=500', ['hang', 200], 200],
  ] as const)('is kept to: %s', async (fragment, answers, status) => {
    const left: (number | 'hang')[] = [...answers]
    const tokens = new Set<unknown>()
    const server = createServer((request, response) => {
      tokens.add(request.headers['i-twilio-idempotency-token'])
      const answer = left.shift()
      if (typeof answer === 'number') response.writeHead(answer).end()
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const serverUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    const clock = scaledClock(4)
    const webhooks = new TwilioWebhooks({
      ...{ clock, authToken: 'token', publicHost: 'a.example', serverUrl: () => serverUrl },
    })
    onTestFinished(async () => {
      await webhooks.close()
      server.closeAllConnections()
      server.close()
    })
    const { signal } = new AbortController()
    const request = { method: 'POST', params: {}, timeoutMs: 15_000, signal } as const
    const asked = await webhooks.send({ ...request, url: `https://a.example/v${fragment}` })
    expect(asked.status).toBe(status)
    // One token for all tries, so that the server can tell them.
    expect(tokens.size).toBe(1)
  })
})
