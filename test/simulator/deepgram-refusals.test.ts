import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import { describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { KEY, simulateDeepgram } from '../helpers/deepgram.ts'
import { DeepgramClient, FLUX, NOVA, refusal } from './deepgram-client.ts'

const FLUX_MULTI = FLUX.replace('general-en', 'general-multi')

describe('Deepgram’s stand-in refuses', () => {
  it.each([
    ['no key', {}],
    ['another key', { authorization: 'Token wrong' }],
    ['another scheme', { authorization: `Basic ${KEY}` }],
    ['a wrong subprotocol', { 'sec-websocket-protocol': 'token, wrong' }],
  ])('%s', async (_what, headers) => {
    await using sim = await simulateDeepgram()
    const refused = await refusal(sim.deepgram.url, FLUX, headers)
    expect(refused.status).toBe(401)
    expect(refused.headers).toMatchObject({
      'dg-error': 'Invalid credentials.',
      'dg-request-id': refused.body.request_id,
      connection: 'close',
    })
    expect(refused.body).toMatchObject({
      err_code: 'INVALID_AUTH',
      err_msg: 'Invalid credentials.',
    })
    expect(sim.brokenRules()).toEqual(['refused: INVALID_AUTH'])
    expect(sim.deepgram.total()).toBe(0)
  })

  it.each([
    ['a Flux model on the other endpoint', NOVA.replace('nova-3', 'flux-general-en')],
    ['a Nova model on the other endpoint', FLUX.replace('flux-general-en', 'nova-3')],
    ['no model', '/v1/listen?encoding=mulaw&sample_rate=8000'],
    ['raw audio of an unknown rate', '/v1/listen?model=nova-3&encoding=mulaw'],
    ['raw audio of an unknown encoding', '/v2/listen?model=flux-general-en&sample_rate=8000'],
    ['interim_results for Flux', `${FLUX}&interim_results=true`],
    ['a language for Flux', `${FLUX}&language=en`],
    ['a hint for a model of one language', `${FLUX}&language_hint=de`],
    ['a hint at a language that Flux does not know', `${FLUX_MULTI}&language_hint=pl`],
    ['a hint with a region', `${FLUX_MULTI}&language_hint=de-DE`],
    ['a region that Nova does not know', `${NOVA}&language=de-DE`],
    [
      'another language for a model of one',
      `${NOVA.replace('nova-3', 'nova-2-phonecall')}&language=de`,
    ],
    ['an end that is too easy', `${FLUX}&eot_threshold=0.4`],
    ['an eager end harder than the end', `${FLUX}&eager_eot_threshold=0.8`],
    ['an impatient timeout', `${FLUX}&eot_timeout_ms=400`],
    ['a term without end', `${FLUX}&keyterm=${'x'.repeat(101)}`],
    ['a model twice', `${FLUX}&model=flux-general-en`],
    ['gaps without interims', `${NOVA}&utterance_end_ms=1000`],
    ['too small a gap', `${NOVA}&interim_results=true&utterance_end_ms=900`],
    ['endpointing that is not a number', `${NOVA}&endpointing=true`],
    ['keywords for Nova-3', `${NOVA}&keywords=Acme`],
  ])('%s', async (_what, path) => {
    await using sim = await simulateDeepgram()
    const refused = await refusal(sim.deepgram.url, path)
    expect(refused.status).toBe(400)
    expect(refused.body.err_code).toBe('INVALID_QUERY_PARAMETER')
    expect(refused.headers['dg-error']).toBe(refused.body.err_msg)
    expect(sim.brokenRules()).toEqual(['refused: INVALID_QUERY_PARAMETER'])
  })

  it('what it does not know', async () => {
    await using sim = await simulateDeepgram()
    expect((await refusal(sim.deepgram.url, '/v1/sing')).status).toBe(404)
    expect(sim.brokenRules()).toEqual(['refused: NOT_FOUND'])
    const http = sim.deepgram.url.replace('ws', 'http')
    expect((await fetch(`${http}/v1/listen`)).status).toBe(404)
  })

  it('what it is told to, which is nobody’s fault', async () => {
    await using sim = await simulateDeepgram({ knobs: { refuseStatus: 500 } })
    expect((await refusal(sim.deepgram.url, FLUX)).status).toBe(500)
    sim.deepgram.knobs.refuseStatus = undefined
    const client = await DeepgramClient.open(sim.deepgram.url, FLUX)
    expect([sim.deepgram.connections(), sim.deepgram.total()]).toEqual([1, 1])
    client.ws.terminate()
    await expect.poll(() => sim.deepgram.connections()).toBe(0)
  })
})

describe('Deepgram’s stand-in lets in', () => {
  it.each([
    ['a key', `${NOVA}&endpointing=false&tag=a&tag=b`, { authorization: `token ${KEY}` }, []],
    ['a token', `${FLUX}&keyterm=a%20b&keyterm=c`, { authorization: `Bearer ${KEY}` }, []],
    ['a browser', NOVA, {}, ['token', KEY]],
  ])('%s, and names its request', async (_what, path, headers, protocols) => {
    await using sim = await simulateDeepgram()
    const ws = new WebSocket(`${sim.deepgram.url}${path}`, protocols, { headers })
    const [[response]] = (await Promise.all([once(ws, 'upgrade'), once(ws, 'open')])) as [
      [IncomingMessage],
      unknown,
    ]
    expect(response.headers['dg-request-id']).toMatch(/^[0-9a-f-]{36}$/)
    expect(response.headers['sec-websocket-extensions']).toBeUndefined()
    expect(response.headers['sec-websocket-protocol']).toBe(protocols[0])
    ws.close()
    await once(ws, 'close')
  })
})
