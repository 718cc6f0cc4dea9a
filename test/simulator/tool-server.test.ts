import { afterEach, describe, expect, it } from 'vitest'
import { scaledClock } from '../../src/clock.ts'
import { anybody } from '../../src/simulator/scenarios/anybody.ts'
import { startSimulator } from '../../src/simulator/simulator.ts'
import {
  type SimulatedTools,
  startToolServer,
  type ToolRoutes,
  withToolServer,
} from '../../src/simulator/tool-server.ts'

const clock = scaledClock(10)
let tools: SimulatedTools | undefined
afterEach(async () => {
  await tools?.close()
  tools = undefined
})

async function serving(routes: ToolRoutes): Promise<string> {
  tools = await startToolServer({ clock, routes })
  return tools.url
}

describe('the endpoints of tools', () => {
  it('answer by path, as JSON or as text', async () => {
    const url = await serving({
      '/slots': { body: { free: ['10:00'] } },
      '/note': { status: 201, body: 'noted' },
      '/page': { body: '<p>', contentType: 'text/html' },
      '/bare': {},
    })
    const slots = await fetch(`${url}/slots?day=mon`)
    expect(slots.headers.get('content-type')).toBe('application/json')
    expect(await slots.json()).toEqual({ free: ['10:00'] })
    const note = await fetch(`${url}/note`, { method: 'POST' })
    expect([note.status, note.headers.get('content-type')]).toEqual([201, 'text/plain'])
    expect(await note.text()).toBe('noted')
    expect((await fetch(`${url}/page`)).headers.get('content-type')).toBe('text/html')
    expect(await (await fetch(`${url}/bare`)).json()).toEqual({})
  })

  it('keep what they were asked', async () => {
    const url = await serving({ '/book': {} })
    await fetch(`${url}/book?day=mon&n=2`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-key': 'secret' },
      body: JSON.stringify({ name: 'Jörg' }),
    })
    await fetch(`${url}/book`, { method: 'POST', body: 'plain' })
    await fetch(`${url}/book`)
    expect(tools!.requests()).toMatchObject([
      {
        method: 'POST',
        path: '/book',
        query: { day: 'mon', n: '2' },
        headers: { 'x-key': 'secret' },
        body: { name: 'Jörg' },
      },
      { method: 'POST', body: 'plain', query: {} },
      { method: 'GET', body: undefined },
    ])
    expect(tools!.requests()[1]!.atMs).toBeGreaterThanOrEqual(tools!.requests()[0]!.atMs)
  })

  it('do not know other paths, whatever those are called', async () => {
    const url = await serving({ '/a': {} })
    expect((await fetch(`${url}/b`)).status).toBe(404)
    expect((await fetch(`${url}/constructor`)).status).toBe(404)
    expect(tools!.requests().map(({ path }) => path)).toEqual(['/b', '/constructor'])
  })

  it('may answer differently each time, and stay with the last answer', async () => {
    const url = await serving({ '/a': [{ status: 500 }, { body: 'fine' }] })
    const statuses = [await fetch(`${url}/a`), await fetch(`${url}/a`), await fetch(`${url}/a`)]
    expect(statuses.map(({ status }) => status)).toEqual([500, 200, 200])
  })

  it('take their time', async () => {
    const url = await serving({ '/slow': { delayMs: 900 } })
    const start = clock.now()
    await fetch(`${url}/slow`)
    expect(clock.now() - start).toBeGreaterThanOrEqual(890)
  })

  it('hang, or drop the connection', async () => {
    const url = await serving({ '/hang': { hang: true }, '/drop': { drop: true } })
    await expect(fetch(`${url}/drop`)).rejects.toThrow()
    const giveUp = new AbortController()
    const hanging = fetch(`${url}/hang`, { signal: giveUp.signal })
    await expect.poll(() => tools!.requests().length).toBe(2)
    giveUp.abort()
    await expect(hanging).rejects.toThrow()
  })

  it('leave nothing behind when they are closed in the middle of an answer', async () => {
    const url = await serving({ '/hang': { hang: true }, '/slow': { delayMs: 600_000 } })
    const asked = Promise.allSettled([fetch(`${url}/hang`), fetch(`${url}/slow`)])
    await expect.poll(() => tools!.requests().length).toBe(2)
    await tools!.close()
    expect((await asked).map(({ status }) => status)).toEqual(['rejected', 'rejected'])
  })
})

describe("a call's body", () => {
  const to = (url: string) => ({ phone_number: '+1', tools: [{ name: 'a', url }] })

  it.each([
    ['http://tools.test/slots?x=1', 'http://127.0.0.1:9/slots?x=1'],
    ['http://tools.test', 'http://127.0.0.1:9'],
    ['http://tools.test.example/slots', 'http://tools.test.example/slots'],
    ['https://crm.example/http://tools.test/', 'https://crm.example/http://tools.test/'],
  ])('has its tools at the server: %s → %s', (url, led) => {
    expect(withToolServer(to(url), 'http://127.0.0.1:9')).toEqual(to(led))
  })

  it('stays as it is without tools, or with something else in their place', () => {
    for (const tools of [undefined, 'x', [null, 3, { name: 'b' }, { url: 4 }]]) {
      expect(withToolServer({ tools }, 'http://x')).toEqual({ tools })
    }
  })
})

it('is there for the scenarios of a simulator', async () => {
  const call = { phone_number: '+15550001111', action: 'x' }
  const scenario = { ...anybody, call, toolServer: { '/slots': { body: 'none' } } }
  const simulator = await startSimulator({ clock, scenarios: [scenario, anybody] })
  try {
    expect(await (await fetch(`${simulator.tools.url}/slots`)).text()).toBe('none')
    expect(simulator.tools.requests()).toHaveLength(1)
  } finally {
    await simulator.close()
  }
})
