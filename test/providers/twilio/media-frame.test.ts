import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decodeMulaw, readMediaFrame } from '../../../src/providers/twilio/media-frame.ts'
import { mediaMessage } from '../../helpers/stream-client.ts'
import { anyText } from '../../helpers/any-text.ts'

const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64')

describe('reading a media message without parsing it', () => {
  it('gives the audio and the time that parsing it would give', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 1, maxLength: 400 }),
        fc.nat(36_000_000),
        (audio, timestamp) => {
          const message = mediaMessage({ payload: base64(audio), timestamp: String(timestamp) })
          const frame = readMediaFrame(message, 'MZ1')
          expect(frame?.timestampMs).toBe(timestamp)
          expect(Array.from(frame?.audio ?? [])).toEqual(Array.from(audio))
        },
      ),
    )
  })

  it.each([
    ['another event', '{"event":"mark","streamSid":"MZ1","mark":{"name":"x"}}'],
    ['another order of fields', '{"streamSid":"MZ1","event":"media"}'],
    ['another stream', mediaMessage({ payload: 'AAAA' }, 'MZ2')],
    ['our own track', mediaMessage({ payload: 'AAAA', track: 'outbound' })],
    ['no time', mediaMessage({ payload: 'AAAA', timestamp: '' })],
    ['a time that is no number', mediaMessage({ payload: 'AAAA', timestamp: 'soon' })],
    ['no payload', mediaMessage({ payload: '' })],
    ['a payload that is no base64', mediaMessage({ payload: 'A*AA' })],
    ['half a message', mediaMessage({ payload: 'AAAA' }).slice(0, 80)],
  ])('leaves %s to the parser', (_, message) => {
    expect(readMediaFrame(message, 'MZ1')).toBeUndefined()
  })

  it('never throws, whatever comes after the event', () => {
    fc.assert(
      fc.property(anyText({ maxLength: 300 }), (rest) => {
        const message = `{"event":"media"${rest}"track":"inbound""streamSid":"MZ1"`
        expect(() => readMediaFrame(message, 'MZ1')).not.toThrow()
      }),
    )
  })
})

it('takes only whole base64 for audio', () => {
  expect(decodeMulaw('/////w==')).toEqual(Buffer.from([0xff, 0xff, 0xff, 0xff]))
  for (const broken of ['', '=', 'A', 'AA', 'AAA', 'AA A', 'AAA\\', 'AA==AA==']) {
    expect(decodeMulaw(broken)).toBeUndefined()
  }
})
