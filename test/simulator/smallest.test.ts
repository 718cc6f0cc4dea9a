import { once } from 'node:events'
import { describe, expect, it, onTestFinished } from 'vitest'
import { WebSocket } from 'ws'
import { smallestWorld } from '../helpers/smallest.ts'

const KEY = { authorization: 'Bearer sm-key' }
const HEARING =
  '/waves/v1/stt/live?model=pulse&language=en&encoding=mulaw&sample_rate=8000&word_timestamps=true'

function post(url: string, body: unknown) {
  return fetch(url, {
    method: 'POST',
    headers: { ...KEY, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
}

function dial(url: string): WebSocket {
  const socket = new WebSocket(url.replace('http', 'ws'), { headers: KEY })
  socket.on('error', () => undefined)
  onTestFinished(() => {
    socket.terminate()
  })
  return socket
}

async function refusalOf(socket: WebSocket): Promise<number | undefined> {
  const [, response] = (await once(socket, 'unexpected-response')) as [
    unknown,
    { statusCode?: number },
  ]
  return response.statusCode
}

describe('the stand-in of Smallest.ai refuses', () => {
  it.each([
    ['a model that does not stream', HEARING.replace('model=pulse', 'model=pulse-pro')],
    ['audio that is not the telephone’s', HEARING.replace('mulaw', 'linear16')],
    ['a language that nobody hears', HEARING.replace('language=en', 'language=xx')],
    ['what it does not know', `${HEARING}&numerals=true`],
  ])('%s', async (_what, path) => {
    const { smallest } = await smallestWorld({ breaks: ['parameters that Pulse refuses'] })
    expect(await refusalOf(dial(smallest.url + path))).toBe(400)
  })

  it('messages that Pulse does not know', async () => {
    const { smallest } = await smallestWorld({ breaks: ['message that Pulse does not know'] })
    const socket = dial(smallest.url + HEARING)
    await once(socket, 'open')
    socket.send('{"type":"KeepAlive"}')
    socket.send('{"type":"close_stream"}')
    const [bytes] = (await once(socket, 'message')) as [Buffer]
    expect(JSON.parse(bytes.toString())).toMatchObject({ is_final: true, is_last: true, words: [] })
    expect((await once(socket, 'close'))[0]).toBe(1000)
  })

  it('a voice’s socket that nobody uses', async () => {
    const { smallest } = await smallestWorld({ speed: 50 })
    const socket = dial(`${smallest.url}/waves/v1/tts/live?timeout=5`)
    const [bytes] = (await once(socket, 'message')) as [Buffer]
    expect(JSON.parse(bytes.toString())).toEqual({
      status: 'error',
      message: 'Connection timed out after 5 seconds of inactivity',
    })
  })

  it('endpoints of another time, with 410', async () => {
    const { smallest } = await smallestWorld({ breaks: ['retired endpoint'] })
    const answer = await post(`${smallest.url}/waves/v1/lightning-large/get_speech`, {})
    expect(answer.status).toBe(410)
    expect(await answer.json()).toMatchObject({ error: 'MODEL_DEPRECATED' })
  })

  it('speech that is asked for without the header it needs, by silence', async () => {
    const { smallest } = await smallestWorld({ breaks: ['no Accept: audio/wav'] })
    const answer = await post(`${smallest.url}/waves/v1/tts`, {
      text: 'Hi',
      voice_id: 'magnus',
      sample_rate: 8000,
    })
    expect((await answer.arrayBuffer()).byteLength).toBe(0)
  })

  it.each([
    ['nested', { person: { name: 'John' } }, 'Invalid input'],
    ['reserved', { call_id: '1' }, 'Reserved variable call_id'],
  ])('%s variables of a call', async (_what, variables, reason) => {
    const { smallest } = await smallestWorld({ breaks: ['call refused'] })
    const answer = await post(`${smallest.atomsUrl}/conversation/outbound`, {
      agentId: smallest.agentId,
      phoneNumber: '+15551234567',
      variables,
    })
    expect(answer.status).toBe(400)
    expect(await answer.json()).toEqual({ status: false, errors: [reason] })
  })

  it('what it does not know, and more calls than the plan has', async () => {
    const { smallest } = await smallestWorld({ knobs: { maxCalls: 0 } })
    expect((await post(`${smallest.atomsUrl}/nothing`, {})).status).toBe(404)
    expect((await post(`${smallest.url}/waves/v1/nothing`, {})).status).toBe(404)
    const call = { agentId: smallest.agentId, phoneNumber: '+15551234567' }
    const answer = await post(`${smallest.atomsUrl}/conversation/outbound`, call)
    expect(answer.status).toBe(429)
    expect(await answer.json()).toMatchObject({ error: 'Rate limit exceeded' })
  })
})
