import { describe, expect, it } from 'vitest'
import { listenUrl } from '../../../src/providers/deepgram/listen-url.ts'
import { sttOptions } from '../../helpers/deepgram.ts'

function urlOf(more: Parameters<typeof sttOptions>[1] = {}, base = 'wss://api.deepgram.com'): URL {
  return new URL(listenUrl(sttOptions(base, more)))
}

describe('where to listen', () => {
  it('is Flux for its models, with nothing that only Nova knows', () => {
    expect(urlOf({ eagerEotThreshold: 0.4 }).href).toBe(
      'wss://api.deepgram.com/v2/listen?model=flux-general-en&encoding=mulaw&sample_rate=8000' +
        '&eot_threshold=0.7&eot_timeout_ms=5000&eager_eot_threshold=0.4',
    )
  })

  it('is Nova for every other model', () => {
    expect(urlOf({ model: 'nova-2-phonecall', language: 'en-US' }).href).toBe(
      'wss://api.deepgram.com/v1/listen?model=nova-2-phonecall&encoding=mulaw&sample_rate=8000' +
        '&channels=1&language=en-US&interim_results=true&endpointing=300&utterance_end_ms=1500' +
        '&punctuate=true&numerals=true',
    )
  })

  it.each([
    ['http://127.0.0.1:1', 'ws://127.0.0.1:1/v2/listen'],
    ['https://gateway.example/dg/', 'wss://gateway.example/dg/v2/listen'],
    ['ws://127.0.0.1:1', 'ws://127.0.0.1:1/v2/listen'],
    ['wss://api.eu.deepgram.com//', 'wss://api.eu.deepgram.com/v2/listen'],
  ])('is at %s', (base, expected) => {
    const { origin, pathname } = urlOf({}, base)
    expect(origin + pathname).toBe(expected)
  })

  it.each([
    ['flux-general-en', 'en', 'flux-general-en', null],
    ['flux-general-en', 'EN-gb', 'flux-general-en', null],
    ['flux-general-en', 'de-DE', 'flux-general-multi', 'de'],
    ['flux-general-multi', 'en-US', 'flux-general-multi', 'en'],
    ['flux-medical-en', 'es', 'flux-medical-en', null],
  ])('with %s in %s asks for %s and hints at %s', (model, language, asked, hint) => {
    const { searchParams } = urlOf({ model, language })
    expect(searchParams.get('model')).toBe(asked)
    expect(searchParams.get('language_hint')).toBe(hint)
  })

  it.each([
    ['flux-general-en', 'keyterm'],
    ['nova-3', 'keyterm'],
    ['nova-2', 'keywords'],
  ])('repeats the terms for %s as %s', (model, name) => {
    const url = urlOf({ model, keyterms: ['Acme & Sons', 'Böb'] })
    expect(url.search).toContain(`&${name}=Acme%20%26%20Sons&${name}=B%C3%B6b`)
  })
})
