import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { spec } from '../helpers/fake-calls.ts'
import { sign, startApp, type TestApp } from '../helpers/parley-app.ts'

let app: TestApp

beforeEach(async () => {
  app = await startApp()
})

afterEach(() => app.close())

/** A call of ours that was answered, and the token for its stream. */
async function answered(): Promise<{ callId: string; token: string }> {
  const { callId, callSid } = await app.calls.place(spec)
  const answer = app.calls.answered({
    callId,
    callSid: callSid!,
    from: '',
    direction: 'outbound',
  })
  if (!('token' in answer)) throw new Error('refused')
  return { callId, token: answer.token }
}

describe('WS /api/phone/media-stream', () => {
  it('is the line of the call whose token it brings, both ways', async () => {
    const { token } = await answered()
    const client = await app.openStream().opened()
    client.start({ parameters: { token } })
    client.media(new Uint8Array(160), 120)
    const [conversation] = app.conversations
    await expect.poll(() => conversation?.heard).toEqual(['audio 160 at 120'])
    conversation?.line?.send(new Uint8Array(320))
    await expect.poll(() => client.received.length).toBe(1)
    client.event('stop', { stop: { accountSid: 'AC1', callSid: 'CA1' } })
    await client.closed
    await app.calls.idle()
    expect(conversation?.heard).toContain('closed stopped')
  })

  it('opens for nobody but Twilio', async () => {
    const path = '/api/phone/media-stream'
    for (const signature of ['', 'guess', sign(`wss://evil.example${path}`)]) {
      expect(await app.openStream(path, signature).refused()).toBe(403)
    }
    const withQuery = app.openStream(`${path}?token=x`, sign(`wss://calls.example.com${path}`))
    expect(await withQuery.refused()).toBe(403)
    expect(app.app.websocketServer.clients.size).toBe(0)
  })

  it('is no web page', async () => {
    const path = '/api/phone/media-stream'
    const signature = sign(`wss://calls.example.com${path}`)
    expect((await app.get(path)).status).toBe(403)
    expect((await app.get(path, { 'x-twilio-signature': signature })).status).toBe(404)
  })

  it('opens nowhere else', async () => {
    const client = app.openStream('/api/phone/other')
    expect(await client.refused()).toBe(404)
  })

  it.each([
    ['a guessed token', { parameters: { token: 'guess' } }],
    ['no token', { parameters: {} }],
    ['the token of another call', { callSid: 'CA9' }],
    ['another account', { accountSid: 'AC2' }],
    ['another format', { format: { sampleRate: 16_000 } }],
  ])('is closed for %s, and no vendor hears of it', async (_, overrides) => {
    const { token } = await answered()
    const client = await app.openStream().opened()
    client.start({ parameters: { token }, ...overrides })
    expect(await client.closed).toMatchObject({ code: 1008 })
    expect(app.conversations[0]?.did).toEqual(['start', 'answered'])
  })

  it('is closed when a token is used twice', async () => {
    const { token } = await answered()
    const first = await app.openStream().opened()
    first.start({ parameters: { token } })
    await expect.poll(() => app.conversations[0]?.line).toBeDefined()
    const second = await app.openStream().opened()
    second.start({ parameters: { token } })
    expect(await second.closed).toMatchObject({ code: 1008 })
    expect(first.socket.readyState).toBe(first.socket.OPEN)
  })

  it('wins over the one before with a newer token, and only with that', async () => {
    const { callId, token } = await answered()
    const first = await app.openStream().opened()
    first.start({ parameters: { token } })
    const [conversation] = app.conversations
    await expect.poll(() => conversation?.line).toBeDefined()
    const again = app.calls.answered({ callId, callSid: 'CA1', from: '', direction: 'outbound' })
    const second = await app.openStream().opened()
    second.start({ streamSid: 'MZ2', parameters: { token: 'token' in again ? again.token : '' } })
    await first.closed
    expect(conversation?.line?.id).toBe('MZ2')
    const third = await app.openStream().opened()
    third.start({ streamSid: 'MZ3', parameters: { token } })
    expect(await third.closed).toMatchObject({ code: 1008 })
    expect(second.socket.readyState).toBe(second.socket.OPEN)
  })

  it('opens for calls that go on while the server drains, and not when none is left', async () => {
    const { token } = await answered()
    app.calls.drain()
    const client = await app.openStream().opened()
    client.start({ parameters: { token } })
    const [conversation] = app.conversations
    await expect.poll(() => conversation?.line).toBeDefined()
    conversation?.finish({ reason: 'agent_hung_up' })
    await app.calls.idle()
    expect(await app.openStream().refused()).toBe(503)
  })

  it('does not keep the server from closing', async () => {
    const client = await app.openStream().opened()
    await app.close()
    await client.closed
    app = await startApp()
  })
})
