import { afterEach, expect, it } from 'vitest'
import { startApp, type TestApp } from '../helpers/parley-app.ts'

let app: TestApp

afterEach(() => app.close())

const mine = '+15551234567'
const other = '+15557654321'

async function finishedCall(phoneNumber: string): Promise<string> {
  const { json } = await app.post('/api/phone/call', {
    phone_number: phoneNumber,
    action: 'Confirm the appointment',
  })
  const callId = String(json['call_id'])
  app.events.publish(callId, {
    type: 'turn',
    turn: { role: 'caller', text: 'Hello', startMs: 0, endMs: 300 },
  })
  await app.calls.hangUp(callId)
  await app.calls.idle()
  return callId
}

it('everything about a number is handed out, and nothing about others', async () => {
  app = await startApp()
  const ids = [await finishedCall(mine), await finishedCall(mine)]
  const foreign = await finishedCall(other)
  app.store.doNotCall.add(mine, { callId: ids[1]! })
  await app.store.addDelivery({
    id: 'msg_1',
    callId: ids[0]!,
    type: 'call.ended',
    url: 'https://crm.example.com/hook',
    payload: '{"type":"call.ended"}',
    createdAt: new Date(0),
    state: 'delivered',
    attempts: 1,
  })
  app.recordings.files.set(ids[1]!, Buffer.from('RIFF'))
  const { status, json, text, headers } = await app.get(`/api/phone/numbers/${mine}/export`)
  expect(status).toBe(200)
  expect(headers.get('content-disposition')).toBe(`attachment; filename="${mine}.json"`)
  expect(json).toMatchObject({
    phone_number: mine,
    do_not_call: { call_id: ids[1], added_at: expect.stringMatching(/Z$/) as string },
    calls: [
      {
        call: { call_id: ids[0], status: 'canceled', recording: null },
        events: [{ type: 'call.created' }, { type: 'turn' }, { type: 'call.ended' }],
        webhooks: [{ id: 'msg_1', payload: '{"type":"call.ended"}', attempts: 1 }],
      },
      { call: { call_id: ids[1], recording: { url: expect.any(String) as string } } },
    ],
  })
  expect(text).not.toContain(foreign)
})

it('a number that nobody has called is handed out as such', async () => {
  app = await startApp()
  const { json } = await app.get(`/api/phone/numbers/${mine}/export`)
  expect(json).toEqual({ phone_number: mine, do_not_call: null, calls: [] })
  expect((await app.get('/api/phone/numbers/555/export')).status).toBe(400)
})

it('everything about a number is erased, but not that it is not to be called', async () => {
  app = await startApp()
  const ids = [await finishedCall(mine), await finishedCall(mine)]
  const foreign = await finishedCall(other)
  app.store.doNotCall.add(mine, {})
  for (const id of [...ids, foreign]) app.recordings.files.set(id, Buffer.from('RIFF'))
  const erased = await app.request('DELETE', `/api/phone/numbers/${mine}`)
  expect(erased).toMatchObject({ status: 200, json: { phone_number: mine, erased_calls: 2 } })
  for (const id of ids) expect((await app.get(`/api/phone/calls/${id}`)).status).toBe(404)
  expect((await app.get(`/api/phone/calls/${foreign}`)).status).toBe(200)
  expect(Array.from(app.recordings.files.keys())).toEqual([foreign])
  expect(app.store.doNotCall.has(mine)).toBe(true)
  const again = await app.request('DELETE', `/api/phone/numbers/${mine}`)
  expect(again.json).toMatchObject({ erased_calls: 0 })
})

it('nothing is erased as long as somebody talks with that number', async () => {
  app = await startApp()
  const callId = await finishedCall(mine)
  const live = await app.post('/api/phone/call', { phone_number: mine, action: 'x' })
  const { status, json } = await app.request('DELETE', `/api/phone/numbers/${mine}`)
  expect(status).toBe(409)
  expect(json.error).toMatchObject({
    code: 'call_live',
    details: { phone_number: mine, call_id: live.json['call_id'] },
  })
  expect((await app.get(`/api/phone/calls/${callId}`)).status).toBe(200)
})
