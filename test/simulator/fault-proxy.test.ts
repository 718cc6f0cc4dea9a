import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { expect, it, onTestFinished } from 'vitest'
import { scaledClock } from '../../src/clock.ts'
import { FaultProxy } from '../../src/simulator/fault-proxy.ts'

const clock = scaledClock(20)

/** A server that sends back what it is told, behind a proxy; and a client that is connected to it. */
async function echo() {
  const open = new Set<Socket>()
  const server = createServer((socket) => {
    open.add(socket)
    socket.on('error', () => undefined)
    socket.on('close', () => open.delete(socket))
    socket.pipe(socket)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const proxy = await FaultProxy.start({ clock, target: `http://127.0.0.1:${port}/v1` })
  onTestFinished(async () => {
    await proxy.close()
    server.close()
    for (const socket of open) socket.destroy()
  })
  const dial = () => {
    const socket = connect({ host: '127.0.0.1', port: proxy.port })
    const chunks: Buffer[] = []
    const seen = { ended: false, error: undefined as string | undefined }
    socket.on('data', (data: Buffer) => chunks.push(data))
    socket.on('end', () => (seen.ended = true))
    socket.on('error', (error: NodeJS.ErrnoException) => (seen.error = error.code))
    onTestFinished(() => {
      socket.destroy()
    })
    return { socket, chunks, seen, text: () => Buffer.concat(chunks).toString() }
  }
  return { proxy, dial, open }
}

it('passes everything on, and names itself in place of the vendor', async () => {
  const { proxy, dial } = await echo()
  const client = dial()
  client.socket.write('hello')
  await expect.poll(client.text).toBe('hello')
  expect(proxy.urlFor('ws://127.0.0.1:1/v2?a=b')).toBe(`ws://127.0.0.1:${proxy.port}/v2?a=b`)
  expect(proxy.urlFor('http://127.0.0.1:1')).toBe(`http://127.0.0.1:${proxy.port}`)
  client.socket.end()
  await expect.poll(() => proxy.connections).toBe(0)
  expect(proxy.passedBytes).toBe(10)
})

it('freezes what is open and what is new, and loses nothing when it thaws', async () => {
  const { proxy, dial } = await echo()
  const before = dial()
  before.socket.write('a')
  await expect.poll(before.text).toBe('a')
  proxy.set({ isFrozen: true })
  before.socket.write('b')
  const after = dial()
  await once(after.socket, 'connect')
  after.socket.write('c')
  await clock.sleep(400)
  expect([before.text(), after.text()]).toEqual(['a', ''])
  proxy.heal()
  await expect.poll(() => [before.text(), after.text()]).toEqual(['ab', 'c'])
})

it('cuts open connections without a word, or ends them in order', async () => {
  const { proxy, dial } = await echo()
  const torn = dial()
  await once(torn.socket, 'connect')
  await expect.poll(() => proxy.connections).toBe(1)
  proxy.cut()
  await expect.poll(() => torn.seen.error).toBe('ECONNRESET')
  const ended = dial()
  await once(ended.socket, 'connect')
  await expect.poll(() => proxy.connections).toBe(1)
  proxy.cut('end')
  await expect.poll(() => ended.seen).toEqual({ ended: true, error: undefined })
})

it('cuts a connection in the middle of an answer', async () => {
  const { proxy, dial } = await echo()
  proxy.cutAfter(3)
  const client = dial()
  client.socket.write('hello')
  await expect.poll(() => client.seen.error).toBe('ECONNRESET')
  expect('hel').toContain(client.text())
  expect(proxy.passedBytes).toBe(8)
})

it('refuses, delays and slices', async () => {
  const { proxy, dial } = await echo()
  proxy.set({ refuses: true })
  const refused = dial()
  await expect.poll(() => refused.seen.error).toBe('ECONNRESET')
  proxy.set({ refuses: false, latencyMs: 200, sliceBytes: 2 })
  const client = dial()
  const sentAt = clock.now()
  client.socket.write('hello')
  await expect.poll(client.text).toBe('hello')
  expect(clock.now() - sentAt).toBeGreaterThanOrEqual(399)
})

it('leaves open connections half open, and new ones alone', async () => {
  const { proxy, dial } = await echo()
  const before = dial()
  before.socket.write('a')
  await expect.poll(before.text).toBe('a')
  proxy.stick()
  before.socket.write('b')
  const after = dial()
  after.socket.write('c')
  await expect.poll(after.text).toBe('c')
  expect(before.text()).toBe('a')
  proxy.heal()
  await expect.poll(before.text).toBe('ab')
})

it('takes its time when there is little bandwidth', async () => {
  const { proxy, dial } = await echo()
  proxy.set({ bytesPerS: 100, sliceBytes: 10 })
  const client = dial()
  const sentAt = clock.now()
  client.socket.write('x'.repeat(50))
  await expect.poll(() => client.text().length).toBe(50)
  // There and back; each way is a pipe that is filled as it empties.
  expect(clock.now() - sentAt).toBeGreaterThanOrEqual(599)
})

it('brings garbage once', async () => {
  const { proxy, dial } = await echo()
  const client = dial()
  client.socket.write('a')
  await expect.poll(client.text).toBe('a')
  proxy.garble()
  client.socket.write('bc')
  await expect.poll(() => Buffer.concat(client.chunks)).toEqual(Buffer.from('a\xff\xff', 'latin1'))
  client.socket.write('d')
  await expect.poll(() => client.chunks.at(-1)?.toString()).toBe('d')
})
