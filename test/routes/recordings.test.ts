import { afterEach, expect, it } from 'vitest'
import { startApp, type TestApp } from '../helpers/parley-app.ts'

let app: TestApp

afterEach(() => app.close())

const file = Buffer.from(Array.from({ length: 1000 }, (_, i) => i % 256))

async function recordedCall(
  spec: object = { record: true },
): Promise<{ id: string; path: string }> {
  app = await startApp()
  const { json } = await app.post('/api/phone/call', {
    phone_number: '+15551234567',
    action: 'Confirm the appointment',
    ...spec,
  })
  const id = String(json['call_id'])
  return { id, path: `/api/phone/calls/${id}/recording.wav` }
}

async function fetchBytes(path: string, headers: Record<string, string> = {}) {
  const response = await fetch(app.url + path, { headers })
  return { response, bytes: Buffer.from(await response.arrayBuffer()) }
}

it('is sent whole', async () => {
  const { id, path } = await recordedCall()
  app.recordings.files.set(id, file)
  const { response, bytes } = await fetchBytes(path)
  expect(response.status).toBe(200)
  expect(Object.fromEntries(response.headers)).toMatchObject({
    'content-type': 'audio/wav',
    'content-length': '1000',
    'accept-ranges': 'bytes',
    'content-disposition': `inline; filename="${id}.wav"`,
  })
  expect(bytes).toEqual(file)
  const head = await fetch(app.url + path, { method: 'HEAD' })
  expect(head.status).toBe(200)
  expect(head.headers.get('content-length')).toBe('1000')
})

it('is sent in the part that a player asks for', async () => {
  const { id, path } = await recordedCall()
  app.recordings.files.set(id, file)
  const { response, bytes } = await fetchBytes(path, { range: 'bytes=10-19' })
  expect(response.status).toBe(206)
  expect(response.headers.get('content-range')).toBe('bytes 10-19/1000')
  expect(bytes).toEqual(file.subarray(10, 20))
  const end = await fetchBytes(path, { range: 'bytes=-5' })
  expect(end.bytes).toEqual(file.subarray(995))
  const beyond = await fetchBytes(path, { range: 'bytes=1000-' })
  expect(beyond.response.status).toBe(416)
  expect(beyond.response.headers.get('content-range')).toBe('bytes */1000')
  const conditional = await fetchBytes(path, { range: 'bytes=10-19', 'if-range': '"old"' })
  expect(conditional.response.status).toBe(200)
})

it.each([
  [{}, 'this call was not recorded: its spec has no `record`'],
  [{ record: true }, 'this call has no recording: nothing is recorded yet'],
])('is not there, and why (%j)', async (spec, message) => {
  const { path } = await recordedCall(spec)
  const { status, json } = await app.get(path)
  expect(status).toBe(404)
  expect(json.error).toMatchObject({ code: 'no_recording', message })
})

it('is not there any more once it was swept', async () => {
  const { id, path } = await recordedCall()
  await app.calls.hangUp(id)
  await app.calls.idle()
  expect((await app.get(path)).json.error.message).toBe(
    'this call has no recording: it is not kept (any more)',
  )
  expect((await app.get(path.replace(id, 'call_x'))).json.error.code).toBe('call_not_found')
})
