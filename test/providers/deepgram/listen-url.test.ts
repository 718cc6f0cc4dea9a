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
        '&vad_events=true&punctuate=true&numerals=true',
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
    ['flux-general-multi', 'pt-BR', 'flux-general-multi', 'pt'],
    // No Flux knows English only for one purpose and Spanish as well.
    ['flux-medical-en', 'es', 'flux-general-multi', 'es'],
    ['flux-medical-en', 'en', 'flux-medical-en', null],
  ])('with %s in %s asks for %s and hints at %s', (model, language, asked, hint) => {
    const { searchParams, pathname } = urlOf({ model, language })
    expect(pathname).toBe('/v2/listen')
    expect(searchParams.get('model')).toBe(asked)
    expect(searchParams.get('language_hint')).toBe(hint)
  })

  it.each([
    ['flux-general-en', 'pl', 'nova-3', 'pl'],
    ['flux-general-multi', 'sv-FI', 'nova-3', 'sv'],
    ['nova-2-phonecall', 'de', 'nova-3', 'de'],
    ['nova-3-medical', 'fr', 'nova-3', 'fr'],
    ['nova-2', 'de-DE', 'nova-2', 'de'],
    ['nova-3-general', 'de-CH', 'nova-3-general', 'de-CH'],
    ['nova-3', 'es-MX', 'nova-3', 'es'],
    ['nova-3', 'en-GB', 'nova-3', 'en-GB'],
  ])(
    'with %s in %s is %s in %s, never a model that cannot hear it',
    (model, said, asked, language) => {
      const { searchParams, pathname } = urlOf({ model, language: said })
      expect(pathname).toBe('/v1/listen')
      expect(searchParams.get('model')).toBe(asked)
      expect(searchParams.get('language')).toBe(language)
    },
  )

  it('never asks for an eager end that is surer than the end', () => {
    const { searchParams } = urlOf({ eotThreshold: 0.5, eagerEotThreshold: 0.8 })
    expect(searchParams.get('eager_eot_threshold')).toBe('0.5')
  })

  it.each(['flux-general-en', 'nova-3'])(
    'leaves out terms for which %s would refuse the call',
    (model) => {
      const names = Array.from({ length: 60 }, (_, i) => `Name ${i}`)
      const keyterms = ['', '  Acme\nCorp ', 'x'.repeat(101), 'Acme Corp', ...names]
      const asked = urlOf({ model, keyterms }).searchParams.getAll('keyterm')
      expect(asked).toEqual(['Acme Corp', ...names.slice(0, 49)])
      const long = names.map((name) => `${name} ${'of Somewhere '.repeat(6)}`.trim())
      const chars = urlOf({ model, keyterms: long }).searchParams.getAll('keyterm').join('').length
      expect(chars).toBeGreaterThan(1000)
      expect(chars).toBeLessThanOrEqual(1500)
    },
  )

  it.each([
    ['flux-general-en', 'keyterm'],
    ['nova-3', 'keyterm'],
    ['nova-2', 'keywords'],
  ])('repeats the terms for %s as %s', (model, name) => {
    const url = urlOf({ model, keyterms: ['Acme & Sons', 'Böb'] })
    expect(url.search).toContain(`&${name}=Acme%20%26%20Sons&${name}=B%C3%B6b`)
  })
})
