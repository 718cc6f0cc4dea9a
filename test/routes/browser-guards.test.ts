import { once } from 'node:events'
import { connect } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { startApp, type TestApp } from '../helpers/parley-app.ts'

let app: TestApp

afterEach(() => app.close())

describe('a browser', () => {
  it('may show our answers nowhere and run nothing of them, and the pages of /docs still work', async () => {
    app = await startApp()
    const { headers } = await app.get('/api/phone/health')
    expect(headers.get('content-security-policy')).toBe("default-src 'none';frame-ancestors 'none'")
    expect(headers.get('x-content-type-options')).toBe('nosniff')
    expect(headers.get('x-frame-options')).toBe('SAMEORIGIN')
    expect(headers.get('strict-transport-security')).toBe('max-age=15552000')
    const docs = await app.get('/docs')
    const policy = docs.headers.get('content-security-policy') ?? ''
    expect([docs.status, docs.text.includes('swagger-ui')]).toEqual([200, true])
    // Its scripts and styles are its own files; what stands in the page itself is named by hash.
    expect(policy).toMatch(/default-src 'self'/)
    expect(policy).not.toContain('unsafe-eval')
    for (const [, path = ''] of docs.text.matchAll(/(?:src|href)="(\.?\/[^"]+)"/g)) {
      const asset = await app.get(new URL(path, `${app.url}/docs/`).pathname)
      expect(asset.status, path).toBe(200)
    }
  })

  it('gives answers to no page of elsewhere, unless it is listed', async () => {
    app = await startApp({ corsOrigins: ['https://app.example.com'] })
    const asks = (origin: string) =>
      app.request('OPTIONS', '/api/phone/call', {
        headers: { origin, 'access-control-request-method': 'POST' },
      })
    const allowed = await asks('https://app.example.com')
    expect(allowed.headers.get('access-control-allow-origin')).toBe('https://app.example.com')
    for (const origin of ['https://evil.example', 'https://app.example.com.evil.example', 'null']) {
      expect((await asks(origin)).headers.get('access-control-allow-origin'), origin).toBeNull()
    }
    await app.close()
    app = await startApp()
    const none = await asks('https://app.example.com')
    expect([none.status, none.headers.get('access-control-allow-origin')]).toEqual([404, null])
  })
})

it('where a request comes from is told by listed proxies only', async () => {
  const spoofed = { 'x-forwarded-for': '203.0.113.7', 'x-forwarded-host': 'evil.example' }
  const seen: string[] = []
  for (const trustedProxies of [[], ['10.0.0.0/8'], ['127.0.0.0/8']]) {
    app = await startApp({
      trustedProxies,
      before: (each) =>
        each.addHook('onRequest', (request, _, done) => {
          seen.push(request.ip)
          done()
        }),
    })
    await app.get('/api/phone/health', spoofed)
    if (trustedProxies[0] !== '127.0.0.0/8') await app.close()
  }
  expect(seen).toEqual(['127.0.0.1', '127.0.0.1', '203.0.113.7'])
})

describe('whoever sends a byte now and then', () => {
  it.each([
    ['headers that never end', 'GET /api/phone/health HTTP/1.1\r\nhost: x\r\n'],
    [
      'a body that never ends',
      'POST /api/phone/call HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{',
    ],
    ['nothing at all', ''],
  ])('is soon gone: %s', async (_, bytes) => {
    app = await startApp({ requestTimeoutMs: 300 })
    const { hostname, port } = new URL(app.url)
    const socket = connect(Number(port), hostname)
    let answer = ''
    socket.on('data', (data) => (answer += data.toString()))
    socket.on('error', () => undefined)
    await once(socket, 'connect')
    socket.write(bytes)
    const drip = setInterval(() => socket.write('x'), 50)
    // A server that has had enough may reset the connection.
    await new Promise((resolve) => socket.once('close', resolve))
    clearInterval(drip)
    if (answer !== '') expect(answer).toMatch(/^HTTP\/1\.1 4\d\d /)
  })
})
