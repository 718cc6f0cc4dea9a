import twilio from 'twilio'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Person } from '../../src/simulator/scenario.ts'
import {
  ACCOUNT,
  eventually,
  HOST,
  OWN,
  startWorld,
  THEIRS,
  TOKEN,
  type World,
} from './scripted-agent.ts'

const LISTENS: Person = { answer: 'yes', ringMs: 100, does: [] }
const RINGS: Person = { answer: 'yes', ringMs: 100_000, does: [] }

let world: World
let person: Person
beforeEach(async () => {
  person = LISTENS
  world = await startWorld(
    { pages: { '/other': () => '<Response><Say>other</Say></Response>' } },
    {
      get answer() {
        return person.answer
      },
      get ringMs() {
        return person.ringMs!
      },
      get does() {
        return person.does
      },
    },
  )
})
afterEach(async () => {
  await world.close()
})

const answered = async () => {
  const sid = await world.create()
  const call = world.twilio.calls().at(-1)!
  await eventually(() => call.streamCount).toBe(1)
  return { sid, call }
}

describe("Twilio's own client", () => {
  it('creates a call and reads it back, during and after', async () => {
    const created = await world.client.calls.create({
      to: THEIRS,
      from: OWN,
      url: `https://${HOST}/voice`,
    })
    expect(created).toMatchObject({
      accountSid: ACCOUNT,
      to: THEIRS,
      from: OWN,
      status: 'queued',
      direction: 'outbound-api',
      apiVersion: '2010-04-01',
      duration: null,
      endTime: null,
      queueTime: '0',
    })
    expect(created.sid).toMatch(/^CA[0-9a-f]{32}$/)
    expect(created.subresourceUris).toMatchObject({
      user_defined_messages: `/2010-04-01/Accounts/${ACCOUNT}/Calls/${created.sid}/UserDefinedMessages.json`,
    })
    const [call] = world.twilio.calls()
    await eventually(() => call!.streamCount).toBe(1)
    expect(await world.client.calls(created.sid).fetch()).toMatchObject({
      status: 'in-progress',
      startTime: expect.any(Date),
    })
    call!.hangUp()
    expect(await world.client.calls(created.sid).fetch()).toMatchObject({
      status: 'completed',
      duration: expect.stringMatching(/^\d$/),
      endTime: expect.any(Date),
    })
  })

  it('hangs up: the stream gets its stop, and a second time there is nothing to end', async () => {
    const { sid, call } = await answered()
    expect(await world.client.calls(sid).update({ status: 'completed' })).toMatchObject({
      status: 'completed',
    })
    await call.ended
    await world.streams[0]!.closed
    expect(world.streams[0]!.of('stop')).toHaveLength(1)
    await expect(world.client.calls(sid).update({ status: 'completed' })).rejects.toMatchObject({
      status: 400,
      code: 21220,
      moreInfo: 'https://www.twilio.com/docs/errors/21220',
    })
    expect(world.violations.list).toEqual([])
  })

  it('replaces the TwiML of a call on a stream', async () => {
    const { sid, call } = await answered()
    const other = `https://${HOST}/other`
    await world.client.calls(sid).update({
      twiml: `<Response><Say>this is far too long to be heard to its end before the other document comes and cuts it off</Say></Response>`,
    })
    await world.streams[0]!.closed
    expect(world.streams[0]!.of('stop')).toHaveLength(1)
    await eventually(() => call.heardText()).toContain('this')
    await world.client.calls(sid).update({ url: other, method: 'POST' })
    await call.ended
    expect(call.heardText()).toMatch(/^this.*other$/)
    expect(call.heardText()).not.toContain('off')
    expect(call.status).toBe('completed')
    expect(world.violations.list).toEqual([])
  })

  it('changes time limit and callback of a live call', async () => {
    const { sid, call } = await answered()
    await world.client.calls(sid).update({
      timeLimit: 1,
      statusCallback: `https://${HOST}/stream-status`,
    })
    await call.ended
    expect(call.status).toBe('completed')
    expect(world.streamCallbacks).toMatchObject([
      { CallStatus: 'completed', CallDuration: expect.stringMatching(/^[1-9]$/) as unknown },
    ])
  })

  it('cancels a call that rings, and only that', async () => {
    person = RINGS
    const sid = await world.create()
    const call = world.twilio.calls()[0]!
    await eventually(() => call.status).toBe('ringing')
    await expect(world.client.calls(sid).update({ twiml: '<Response/>' })).rejects.toMatchObject({
      code: 21220,
    })
    await world.client.calls(sid).update({ timeLimit: 5 })
    await world.client.calls(sid).update({ status: 'canceled' })
    await call.ended
    expect(call.status).toBe('canceled')
    person = LISTENS
    const live = await answered()
    await expect(world.client.calls(live.sid).update({ status: 'canceled' })).rejects.toMatchObject(
      { code: 21220 },
    )
  })

  it('lists calls page by page, newest first, and filters them', async () => {
    person = { answer: 'busy', ringMs: 10, does: [] }
    const sids = []
    for (let i = 0; i < 5; i++) sids.push(await world.create({ to: `+1555000000${i}` }))
    await Promise.all(world.twilio.calls().map(({ ended }) => ended))
    const all = await world.client.calls.list({ pageSize: 2 })
    expect(all.map(({ sid }) => sid)).toEqual(sids.toReversed())
    expect(await world.client.calls.list({ to: '+15550000003' })).toMatchObject([{ sid: sids[3] }])
    expect(await world.client.calls.list({ status: 'completed' })).toEqual([])
    const page = await world.client.calls.page({ pageSize: 2, pageNumber: 1 })
    expect(page.instances.map(({ sid }) => sid)).toEqual([sids[2], sids[1]])
  })

  it('deletes a call from the list', async () => {
    const { sid } = await answered()
    expect(await world.client.calls(sid).remove()).toBe(true)
    await expect(world.client.calls(sid).fetch()).rejects.toMatchObject({
      status: 404,
      code: 20404,
    })
    expect(await world.client.calls.list()).toEqual([])
  })

  it.each<[number, Record<string, unknown>]>([
    [21201, { to: '' }],
    [21213, { from: '' }],
    [21205, { url: undefined }],
    [21205, { url: 'nowhere' }],
    [21205, { statusCallback: 'nowhere' }],
    [21205, { fallbackUrl: 'ftp://x' }],
    [21211, { to: '12345' }],
    [21211, { to: OWN }],
    [21212, { from: 'me' }],
    [21208, { timeout: 601 }],
    [21209, { method: 'PUT' }],
    [32018, { url: undefined, twiml: 'x'.repeat(4001) }],
  ])('is refused with %i for %j', async (code, extra) => {
    await expect(world.create(extra)).rejects.toMatchObject({
      status: 400,
      code,
      moreInfo: `https://www.twilio.com/docs/errors/${code}`,
    })
    expect(world.twilio.calls()).toEqual([])
  })

  it('is refused as the knobs say', async () => {
    world.twilio.knobs.refuseDial = { status: 429, code: 20429, message: 'Too many requests' }
    await expect(world.create()).rejects.toMatchObject({ status: 429, code: 20429 })
    world.twilio.knobs.refuseDial = undefined
    world.twilio.knobs.ownNumbers = ['+15005550007']
    await expect(world.create()).rejects.toMatchObject({ status: 400, code: 21210 })
    await expect(world.create({ from: '+15005550007' })).resolves.toMatch(/^CA/)
  })

  it('needs the right account and token', async () => {
    const stranger = twilio(ACCOUNT, 'wrong')
    stranger.api.baseUrl = world.twilio.url
    await expect(stranger.calls.list()).rejects.toMatchObject({
      status: 401,
      code: 20003,
      message: 'Authenticate',
    })
    const other = twilio(ACCOUNT, TOKEN, { accountSid: `AC${'0'.repeat(32)}` })
    other.api.baseUrl = world.twilio.url
    await expect(other.calls.list()).rejects.toMatchObject({ status: 404, code: 20404 })
  })

  it('finds nothing elsewhere', async () => {
    const authorization = `Basic ${Buffer.from(`${ACCOUNT}:${TOKEN}`).toString('base64')}`
    const ask = async (path: string, method = 'GET') => {
      const response = await fetch(world.twilio.url + path, { method, headers: { authorization } })
      return [response.status, ((await response.json()) as { code: number }).code]
    }
    expect(await ask('/2010-04-01/Accounts/AC0/Calls.json')).toEqual([404, 20404])
    expect(await ask(`/2010-04-01/Accounts/${ACCOUNT}/calls.json`)).toEqual([404, 20404])
    expect(await ask(`/2010-04-01/Accounts/${ACCOUNT}/Calls.json`, 'PUT')).toEqual([404, 20404])
    const bare = await fetch(`${world.twilio.url}/`)
    expect(bare.status).toBe(401)
  })

  it('uses inline TwiML, asks by GET if wanted, and reports only the end by default', async () => {
    const inline = { url: undefined, twiml: '<Response><Say>hi</Say></Response>' }
    await world.create({ ...inline, statusCallbackEvent: undefined })
    const [first] = world.twilio.calls()
    await first!.ended
    expect(first!.heardText()).toBe('hi')
    expect(world.callbacks).toMatchObject([{ CallStatus: 'completed', SequenceNumber: '3' }])
    await world.create({ method: 'GET' })
    await eventually(() => world.streams).toHaveLength(1)
    expect(world.voiceForms).toMatchObject([{ CallStatus: 'in-progress', From: OWN }])
    expect(world.badSignatures).toEqual([])
  })
})
