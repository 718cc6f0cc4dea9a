import type { IncomingMessage, ServerResponse } from 'node:http'
import { Writable } from 'node:stream'
import { Agent } from 'undici'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { scaledClock } from '../../../src/clock.ts'
import { createLogger } from '../../../src/log.ts'
import type { HttpTool } from '../../../src/pipeline/http-tool.ts'
import {
  HttpToolClient,
  type HttpToolRunnerOptions,
} from '../../../src/providers/http-tools/http-tool-runner.ts'
import { listenOnLoopback, type Loopback } from '../../../src/simulator/loopback.ts'

const never = new AbortController().signal
const SECRET = 'Bearer s3cr3t-token-of-the-crm'

type Asked = { method: string; url: string; headers: IncomingMessage['headers']; body: string }
type Answer = (response: ServerResponse, asked: Asked) => void

let open: { close(): Promise<void> }[] = []
afterEach(async () => {
  await Promise.all(open.map((each) => each.close()))
  open = []
})

/** An endpoint that answers as the test says, and a runner that asks it; time passes twenty times as fast. */
async function endpoint(answer: Answer, options: Partial<HttpToolRunnerOptions> = {}) {
  const asked: Asked[] = []
  const server: Loopback = await listenOnLoopback((request, response) => {
    void (async () => {
      let body = ''
      for await (const chunk of request) body += String(chunk)
      const { method = '', url = '', headers } = request
      asked.push({ method, url, headers, body })
      answer(response, { method, url, headers, body })
    })()
  })
  const logged: string[] = []
  const destination = new Writable({
    write(line, _encoding, done) {
      logged.push(String(line))
      done()
    },
  })
  const runner = new HttpToolClient({
    secrets: { CRM_TOKEN: SECRET },
    clock: scaledClock(20),
    log: createLogger({ level: 'debug', destination }),
    ...options,
  })
  open.push(runner, server)
  const tool: HttpTool = {
    name: 'look_up',
    description: '',
    inputSchema: { type: 'object' },
    url: `${server.url}/look-up`,
    method: 'POST',
    headers: {},
    secretHeaders: {},
    timeoutMs: 10_000,
  }
  const run = (changes: Partial<HttpTool> = {}, input: Record<string, unknown> = { day: 'Fri' }) =>
    runner.run({ ...tool, ...changes }, input, { signal: never })
  return { run, runner, tool, asked, logged, server }
}

const json =
  (body: unknown, status = 200): Answer =>
  (response) => {
    response.writeHead(status, { 'content-type': 'application/json; charset=utf-8' })
    response.end(JSON.stringify(body))
  }
const raw =
  (body: string | Uint8Array, headers: Record<string, string> = {}): Answer =>
  (response) => {
    response.writeHead(200, headers)
    response.end(body)
  }

describe('a tool that is asked by POST', () => {
  it('gets its arguments as JSON, and its answer comes back as it was written', async () => {
    const { run, asked } = await endpoint(json({ free: true }))
    expect(await run({}, { day: 'Größe 😀', nested: { a: [1] } })).toEqual({
      ok: true,
      text: '{"free":true}',
      value: { free: true },
    })
    expect(asked).toMatchObject([
      {
        method: 'POST',
        url: '/look-up',
        headers: {
          'content-type': 'application/json',
          accept: expect.stringContaining('application/json'),
          'user-agent': expect.stringMatching(/^parley\//),
        },
      },
    ])
    expect(JSON.parse(asked[0]!.body)).toEqual({ day: 'Größe 😀', nested: { a: [1] } })
  })

  it('gets the headers of the spec, and the secret ones by name', async () => {
    const { run, asked } = await endpoint(json({}))
    await run({
      headers: {
        'Content-Type': 'application/vnd.x+json',
        'X-Team': 'desk',
        authorization: 'none',
      },
      secretHeaders: { Authorization: 'CRM_TOKEN' },
    })
    expect(asked[0]?.headers).toMatchObject({
      'content-type': 'application/vnd.x+json',
      'x-team': 'desk',
      authorization: SECRET,
    })
  })
})

describe('a tool that is asked by GET', () => {
  it('gets its arguments as query parameters, and no body', async () => {
    const { run, asked } = await endpoint(json({}))
    await run(
      { method: 'GET' },
      { day: 'a b&c', n: 2, yes: true, none: null, tags: ['x', 'y'], at: { h: 2 } },
    )
    const url = new URL(asked[0]!.url, 'http://x')
    expect(asked[0]).toMatchObject({ method: 'GET', body: '' })
    expect(asked[0]?.headers).not.toHaveProperty('content-type')
    expect([...url.searchParams]).toEqual([
      ['day', 'a b&c'],
      ['n', '2'],
      ['yes', 'true'],
      ['tags', 'x'],
      ['tags', 'y'],
      ['at', '{"h":2}'],
    ])
  })

  it('keeps what its URL says, whatever the model would like', async () => {
    const { run, tool, asked } = await endpoint(json({}))
    await run({ method: 'GET', url: `${tool.url}?tenant=ours` }, { tenant: 'theirs', day: 'Fri' })
    expect(asked[0]?.url).toBe('/look-up?tenant=ours&day=Fri')
  })
})

describe('an answer', () => {
  it.each<[string, Answer, { text: string; value: unknown }]>([
    ['plain text', raw('free', { 'content-type': 'text/plain' }), { text: 'free', value: 'free' }],
    ['without a type', raw('{"a":1}'), { text: '{"a":1}', value: { a: 1 } }],
    ['empty', raw('', { 'content-type': 'application/json' }), { text: '', value: '' }],
    [
      'of a type of its own',
      raw('[1]', { 'content-type': 'application/vnd.api+json' }),
      { text: '[1]', value: [1] },
    ],
    [
      'in an older character set',
      raw(new Uint8Array([0x47, 0x72, 0xf6, 0xdf, 0x65]), {
        'content-type': 'text/plain; charset=ISO-8859-1',
      }),
      { text: 'Größe', value: 'Größe' },
    ],
    [
      'in a character set that nobody knows',
      raw('Größe', { 'content-type': 'text/plain; charset=martian' }),
      { text: 'Größe', value: 'Größe' },
    ],
    [
      'with a number that JavaScript cannot hold',
      raw('{"id":12345678901234567890}', { 'content-type': 'application/json' }),
      { text: '{"id":12345678901234567890}', value: { id: 12345678901234567000 } },
    ],
    ['without content', (response) => response.writeHead(204).end(), { text: '', value: '' }],
  ])('is read: %s', async (_, answer, expected) => {
    const { run } = await endpoint(answer)
    expect(await run()).toEqual({ ok: true, ...expected })
  })

  it.each<[string, Answer, string]>([
    ['it is no JSON', raw('<html>', { 'content-type': 'application/json' }), 'unreadable'],
    ['it is a picture', raw('x', { 'content-type': 'image/png' }), 'unreadable'],
    ['it is compressed unasked', raw('x', { 'content-encoding': 'gzip' }), 'unreadable'],
    ['it points elsewhere', (r) => r.writeHead(302, { location: '/x' }).end(), 'unreadable'],
    ['it is long', raw('x'.repeat(64 * 1024 + 1)), 'too_long'],
    ['its arguments are wrong', json({ error: 'day' }, 422), 'rejected'],
    ['it knows nothing', json({}, 404), 'rejected'],
    ['it wants another key', json({}, 401), 'not_set_up'],
    ['it is asked too often', json({}, 429), 'busy'],
    ['it has broken down', json({}, 500), 'broken'],
    ['its own service is slow', json({}, 504), 'timeout'],
    ['it hangs up', (response) => response.destroy(), 'unreachable'],
  ])('is none when %s', async (_, answer, failure) => {
    const { run } = await endpoint(answer)
    expect(await run()).toEqual({ ok: false, failure })
  })

  it('of exactly the longest length is whole', async () => {
    const { run } = await endpoint(raw('x'.repeat(64 * 1024)))
    expect(await run()).toMatchObject({ ok: true, value: 'x'.repeat(64 * 1024) })
  })

  it('without end is left, and the endpoint sees that nobody listens', async () => {
    const closed = Promise.withResolvers<undefined>()
    const { run } = await endpoint((response) => {
      response.on('close', () => {
        closed.resolve(undefined)
      })
      response.writeHead(200)
      const more = () => {
        while (!response.destroyed && response.write('x'.repeat(10_000)));
      }
      response.on('drain', more)
      more()
    })
    expect(await run()).toEqual({ ok: false, failure: 'too_long' })
    await closed.promise
  })

  it('follows no redirect to another address', async () => {
    const { run, asked } = await endpoint((response) => {
      response.writeHead(307, { location: '/internal' }).end()
    })
    await run()
    expect(asked.map(({ url }) => url)).toEqual(['/look-up'])
  })
})

describe('a tool that does not answer', () => {
  it('is left when its time is up', async () => {
    const { run } = await endpoint(() => undefined)
    expect(await run({ timeoutMs: 1000 })).toEqual({ ok: false, failure: 'timeout' })
  })

  it('is left when it stops in the middle of its answer', async () => {
    const { run } = await endpoint((response) => {
      response.writeHead(200)
      response.write('{"free":')
    })
    expect(await run({ timeoutMs: 1000 })).toEqual({ ok: false, failure: 'timeout' })
  })

  it('is left when the call is over', async () => {
    const over = new AbortController()
    const { runner, tool, asked } = await endpoint(() => undefined)
    const running = runner.run(tool, {}, { signal: over.signal })
    await vi.waitFor(() => {
      expect(asked).toHaveLength(1)
    })
    over.abort(new Error('the call is over'))
    expect(await running).toEqual({ ok: false, failure: 'aborted' })
    expect(await runner.run(tool, {}, { signal: over.signal })).toEqual({
      ok: false,
      failure: 'aborted',
    })
    expect(asked).toHaveLength(1)
  })

  it('is unreachable where nobody listens', async () => {
    const { run, server } = await endpoint(json({}))
    await server.close()
    open = open.filter((each) => each !== server)
    expect(await run()).toEqual({ ok: false, failure: 'unreachable' })
  })

  it('is asked once, though it hangs up', async () => {
    const { run, asked } = await endpoint((response) => response.destroy())
    await run()
    await run({ method: 'GET' })
    expect(asked).toHaveLength(2)
  })
})

describe('secrets of tools', () => {
  it('stay out of logs, answers and failures', async () => {
    const { run, logged } = await endpoint((response, { headers }) => {
      json({ echo: headers.authorization, token: String(headers.authorization).slice(7) })(
        response,
        { headers, body: '', method: '', url: '' },
      )
    })
    const secretHeaders = { authorization: 'CRM_TOKEN' }
    const answer = await run({ secretHeaders })
    expect(answer).toMatchObject({ ok: true, value: { echo: '[hidden]', token: '[hidden]' } })
    await run({ secretHeaders, url: 'http://127.0.0.1:1/' })
    await run({ secretHeaders: { ...secretHeaders, 'x-other': 'NOT_THERE' } })
    expect(logged.join('')).toContain('NOT_THERE')
    expect(logged.join('') + JSON.stringify(answer)).not.toContain('s3cr3t')
  })

  it('that the server has not keep the tool from being asked', async () => {
    const { run, asked } = await endpoint(json({}))
    const secretHeaders = { authorization: 'constructor' }
    expect(await run({ secretHeaders })).toEqual({ ok: false, failure: 'not_set_up' })
    expect(asked).toEqual([])
  })
})

describe('what cannot be asked', () => {
  it.each([
    ['a header with a line break', { headers: { 'x-a': 'a\r\nb: c' } }],
    ['a header with other than Latin letters', { headers: { 'x-a': '日本' } }],
    ['a header that HTTP keeps to itself', { headers: { 'transfer-encoding': 'chunked' } }],
  ])('is a tool that is not set up: %s', async (_, changes) => {
    const { run, asked } = await endpoint(json({}))
    expect(await run(changes)).toEqual({ ok: false, failure: 'not_set_up' })
    expect(asked).toEqual([])
  })

  it('is an address that the server does not allow', async () => {
    const allowUrl = vi.fn((url: URL) => url.hostname !== '127.0.0.1')
    const { run, asked } = await endpoint(json({}), { allowUrl })
    expect(await run()).toEqual({ ok: false, failure: 'not_set_up' })
    expect(allowUrl).toHaveBeenCalledOnce()
    expect(asked).toEqual([])
  })
})

describe('the runner of tools', () => {
  it('ends what is going on when it is closed', async () => {
    const { run, runner, asked } = await endpoint(() => undefined)
    const running = run()
    await vi.waitFor(() => {
      expect(asked).toHaveLength(1)
    })
    await runner.close()
    expect(await running).toEqual({ ok: false, failure: 'unreachable' })
  })

  it('connects by the means that it was given, and leaves them open', async () => {
    const dispatcher = new Agent()
    const { run, runner, asked } = await endpoint(json({}), { dispatcher })
    expect(await run()).toMatchObject({ ok: true })
    await runner.close()
    expect(dispatcher.destroyed).toBe(false)
    expect(asked).toHaveLength(1)
    await dispatcher.close()
  })
})
