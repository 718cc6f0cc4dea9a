import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import fc from 'fast-check'
import { request } from 'undici'
import { describe, expect, it, onTestFinished } from 'vitest'
import { EgressGuard, type Resolve } from '../../../src/providers/egress/egress-guard.ts'
import { isPublicAddress } from '../../../src/providers/egress/public-addresses.ts'

function guard(options: Partial<ConstructorParameters<typeof EgressGuard>[0]> = {}): EgressGuard {
  const made = new EgressGuard({ allowLoopback: false, internalHosts: [], ...options })
  onTestFinished(() => made.close())
  return made
}

const problem = (url: string, options = {}) => guard(options).problemOf(new URL(url))

/** One spelling and one range each. */
const PRIVATE = [
  'https://127.0.0.1/',
  'https://127.1/',
  'https://0x7f.1/',
  'https://0x7f000001/',
  'https://2130706433/',
  'https://0177.0.0.1/',
  'https://127.0.0.1./',
  'https://１２７.0.0.1/',
  'https://0/',
  'https://10.0.0.1/',
  'https://100.100.100.200/latest/meta-data/',
  'https://169.254.169.254/latest/meta-data/',
  'https://0xa9fea9fe/',
  'https://172.16.0.1/',
  'https://172.31.255.255/',
  'https://192.168.1.1/',
  'https://192.0.0.192/',
  'https://198.18.0.1/',
  'https://224.0.0.1/',
  'https://255.255.255.255/',
  'https://[::1]/',
  'https://[::]/',
  'https://[::ffff:127.0.0.1]/',
  'https://[::ffff:7f00:1]/',
  'https://[::ffff:169.254.169.254]/',
  'https://[0:0:0:0:0:ffff:10.0.0.1]/',
  'https://[::127.0.0.1]/',
  'https://[64:ff9b::169.254.169.254]/',
  'https://[2002:7f00:1::]/',
  'https://[2001:0:7f00:1::]/',
  'https://[fd00:ec2::254]/',
  'https://[fe80::1]/',
  'https://[ff02::1]/',
  'https://[2001:db8::1]/',
  'https://localhost/',
  'https://localhost./',
  'https://LOCALHOST/',
  'https://tools.localhost/',
  'https://metadata.google.internal/',
  'https://printer.local/',
  'https://crm/',
]

describe('a URL that a user of the API gives', () => {
  it.each(PRIVATE)('may not lead into our own network: %s', (url) => {
    expect(problem(url)).toMatch(/public host/)
  })

  it('may lead to public hosts, by https only', () => {
    for (const url of [
      'https://crm.example.com/x?y',
      'https://8.8.8.8/',
      'https://[2606:4700::1111]/',
      'https://172.32.0.1:8443/',
    ]) {
      expect(problem(url), url).toBeUndefined()
      expect(problem(url.replace('https', 'http')), url).toBe('an https URL')
    }
  })

  it('may lead to this machine where the operator says so, and no further', () => {
    const open = { allowLoopback: true }
    expect(problem('http://127.0.0.1:3000/', open)).toBeUndefined()
    expect(problem('http://localhost:3000/', open)).toBeUndefined()
    expect(problem('https://[::1]/', open)).toBeUndefined()
    expect(problem('http://10.0.0.1/', open)).toBe('an https URL')
    expect(problem('https://169.254.169.254/', open)).toMatch(/public host/)
  })

  it('may lead to internal hosts that the operator has listed, exactly as listed', () => {
    const internalHosts = ['crm.internal', '10.0.0.5', 'http://crm:8080', 'fd00::7']
    const listed = { internalHosts }
    expect(problem('https://crm.internal:8443/x', listed)).toBeUndefined()
    expect(problem('https://10.0.0.5/', listed)).toBeUndefined()
    expect(problem('https://[fd00::7]/', listed)).toBeUndefined()
    expect(problem('http://crm:8080/orders', listed)).toBeUndefined()
    expect(problem('http://crm.internal/', listed)).toBe('an https URL')
    expect(problem('http://crm:8081/', listed)).toBe('an https URL')
    expect(problem('https://10.0.0.6/', listed)).toMatch(/public host/)
    expect(problem('https://x.crm.internal/', listed)).toMatch(/public host/)
  })

  it('never leads to a private address, however that is written', () => {
    const octet = fc.nat(255)
    const privateV4 = fc.oneof(
      fc.tuple(fc.constantFrom(0, 10, 127), octet, octet, octet),
      fc.tuple(fc.constant(169), fc.constant(254), octet, octet),
      fc.tuple(fc.constant(192), fc.constant(168), octet, octet),
      fc.tuple(fc.constant(172), fc.integer({ min: 16, max: 31 }), octet, octet),
      fc.tuple(fc.integer({ min: 224, max: 255 }), octet, octet, octet),
    )
    const closed = guard()
    fc.assert(
      fc.property(privateV4, ([a, b, c, d]) => {
        const whole = ((a * 256 + b) * 256 + c) * 256 + d
        const octal = [a, b, c, d].map((part) => `0${part.toString(8)}`).join('.')
        const spellings = [
          `${a}.${b}.${c}.${d}`,
          `${a}.${b}.${c * 256 + d}`,
          String(whole),
          `0x${whole.toString(16)}`,
          octal,
          `[::ffff:${a}.${b}.${c}.${d}]`,
        ]
        for (const host of spellings) expect(closed.allows(new URL(`https://${host}/`))).toBe(false)
        expect(isPublicAddress(`${a}.${b}.${c}.${d}`)).toBe(false)
      }),
    )
  })
})

/** A server on an address of loopback, at a port of its own. */
async function serve(host: string, listener: RequestListener, port = 0) {
  const server = createServer(listener).listen(port, host)
  await once(server, 'listening')
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return (server.address() as AddressInfo).port
}

/** A resolver that gives these answers one after the other. */
function answers(...each: readonly (readonly string[])[]): Resolve & { asked: number } {
  const resolve = Object.assign(
    (_name: string, done: Parameters<Resolve>[1]) => {
      const addresses = each[Math.min(resolve.asked++, each.length - 1)] ?? []
      done(
        null,
        addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
      )
    },
    { asked: 0 },
  )
  return resolve
}

describe('a connection', () => {
  it('is made to the address that was checked, and not to what the name leads to later', async () => {
    const reached: string[] = []
    const answer =
      (host: string): RequestListener =>
      (_request, response) => {
        reached.push(host)
        response.writeHead(200, { connection: 'close' }).end()
      }
    const port = await serve('127.0.0.2', answer('ours'))
    await serve('127.0.0.1', answer('victim'), port)
    // 127.0.0.2 stands for a public address: the only ones that a test can reach are of this machine.
    const resolve = answers(['127.0.0.2'], ['127.0.0.1'])
    const { dispatcher } = guard({ internalHosts: ['127.0.0.2'], resolve })
    const ask = () => request(`http://rebound.example.com:${port}/`, { dispatcher })
    const first = await ask()
    await first.body.dump()
    expect(resolve.asked).toBe(1)
    await expect(ask()).rejects.toMatchObject({ code: 'ERR_ADDRESS_NOT_ALLOWED' })
    expect(reached).toEqual(['ours'])
  })

  it('is not made when any of the addresses is private', async () => {
    const { dispatcher } = guard({ resolve: answers(['8.8.8.8', '10.0.0.1']) })
    const asked = request('http://mixed.example.com/', { dispatcher })
    await expect(asked).rejects.toMatchObject({ code: 'ERR_ADDRESS_NOT_ALLOWED' })
    const none = guard({ resolve: answers([]) })
    const lost = request('http://none.example.com/', { dispatcher: none.dispatcher })
    await expect(lost).rejects.toMatchObject({ code: 'ERR_ADDRESS_NOT_ALLOWED' })
  })

  it('is not made to an address that stands in the URL itself', async () => {
    let reached = 0
    const port = await serve('127.0.0.1', (_request, response) => {
      reached++
      response.end()
    })
    const closed = guard()
    for (const host of ['127.0.0.1', '0x7f.1', '2130706433', '[::ffff:127.0.0.1]']) {
      const asked = request(`http://${host}:${port}/`, { dispatcher: closed.dispatcher })
      await expect(asked, host).rejects.toMatchObject({ code: 'ERR_ADDRESS_NOT_ALLOWED' })
    }
    expect(reached).toBe(0)
    const open = guard({ allowLoopback: true })
    const { statusCode, body } = await request(`http://127.0.0.1:${port}/`, open)
    await body.dump()
    expect([statusCode, reached]).toEqual([200, 1])
  })

  it('is not made to where a redirect leads', async () => {
    let reached = 0
    const port = await serve('127.0.0.1', (incoming, response) => {
      if (incoming.url === '/secret') reached++
      response.writeHead(302, { location: '/secret' }).end()
    })
    const { statusCode, body } = await request(
      `http://127.0.0.1:${port}/`,
      guard({ allowLoopback: true }),
    )
    await body.dump()
    expect([statusCode, reached]).toEqual([302, 0])
  })
})
