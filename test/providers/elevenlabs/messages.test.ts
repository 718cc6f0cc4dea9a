import { describe, expect, it } from 'vitest'
import { failureOfClose, failureOfFrame } from '../../../src/providers/elevenlabs/failure.ts'
import {
  type ErrorFrame,
  parseRefusal,
  parseServerFrame,
} from '../../../src/providers/elevenlabs/messages.ts'

const BYTES = Uint8Array.of(0xfb, 0xff, 0xfe, 0, 1)
const BASE64 = Buffer.from(BYTES).toString('base64')

describe('a frame of audio', () => {
  it('is read in either spelling, with the audio first or somewhere else', () => {
    const timing = { chars: ['H', 'i'], startMs: [0, 50], durationMs: [50, 40] }
    const alignment = { chars: timing.chars, charStartTimesMs: [0, 50], charDurationsMs: [50, 40] }
    const older = { chars: timing.chars, charsStartTimesMs: [0, 50], charsDurationsMs: [50, 40] }
    const snake = {
      chars: timing.chars,
      char_start_times_ms: [0, 50],
      char_durations_ms: [50, 40],
    }
    const frames = [
      { audio: BASE64, isFinal: null, normalizedAlignment: null, alignment, contextId: 'a' },
      { contextId: 'a', alignment: older, audio: BASE64 },
      { audio: BASE64, is_final: false, alignment: snake, context_id: 'a' },
      { context_id: 'a', normalized_alignment: snake, audio: BASE64 },
      { audio: BASE64, normalizedAlignment: alignment, contextId: 'a', alignment: null },
    ]
    for (const frame of frames) {
      expect(parseServerFrame(JSON.stringify(frame))).toEqual({
        type: 'speech',
        contextId: 'a',
        audio: Buffer.from(BYTES),
        alignment: timing,
        final: false,
      })
    }
  })

  it('may write the slashes of its base64 with a backslash', () => {
    const frame = parseServerFrame(`{"audio":"${BASE64.replaceAll('/', '\\/')}","contextId":"a"}`)
    expect(BASE64).toContain('/')
    expect(frame).toMatchObject({ audio: Buffer.from(BYTES) })
  })

  it('may be all there is', () => {
    expect(parseServerFrame(`{"audio":"${BASE64}"}`)).toMatchObject({
      type: 'speech',
      final: false,
    })
  })

  it('is heard without its timing when that is broken', () => {
    for (const alignment of [
      null,
      'soon',
      { chars: ['a'] },
      { chars: ['a', 'b'], charStartTimesMs: [0], charDurationsMs: [1, 2] },
    ]) {
      const frame = parseServerFrame(JSON.stringify({ audio: BASE64, alignment }))
      expect(frame).toMatchObject({ type: 'speech', alignment: undefined })
    }
  })
})

describe('a final frame', () => {
  it('is one in either spelling, with or without audio', () => {
    for (const frame of [
      { isFinal: true, contextId: 'a' },
      { audio: null, isFinal: true, contextId: 'a' },
      { audio: '', is_final: true, context_id: 'a' },
    ]) {
      expect(parseServerFrame(JSON.stringify(frame))).toMatchObject({
        type: 'speech',
        contextId: 'a',
        audio: new Uint8Array(0),
        final: true,
      })
    }
    expect(parseServerFrame(`{"audio":"${BASE64}","isFinal":true}`)).toMatchObject({
      audio: Buffer.from(BYTES),
      final: true,
    })
  })
})

describe('a frame of another kind', () => {
  it('is told apart: unknown, or no JSON at all', () => {
    for (const text of [
      '{"type":"flush_done"}',
      '{}',
      '[1]',
      'null',
      '{"audio":7}',
      '{"audio":""}',
    ]) {
      expect(parseServerFrame(text), text).toEqual({ type: 'unknown' })
    }
    for (const text of ['', '<html>', '{"audio":"abc', '{"audio":"abc"']) {
      expect(parseServerFrame(text), text).toEqual({ type: 'not_json' })
    }
  })

  it('is an error with its id, its message and its code as far as they are there', () => {
    expect(parseServerFrame('{"message":"No.","error":"voice_not_found","code":1008}')).toEqual({
      type: 'error',
      contextId: undefined,
      error: 'voice_not_found',
      message: 'No.',
      code: 1008,
    })
    expect(parseServerFrame('{"message":"No.","code":"1011"}')).toMatchObject({ code: 1011 })
    expect(parseServerFrame('{"error":"system_busy"}')).toMatchObject({ message: 'system_busy' })
  })
})

describe('what an error means', () => {
  const frame = (more: Partial<ErrorFrame>): ErrorFrame => ({
    type: 'error',
    contextId: undefined,
    error: undefined,
    message: 'No.',
    code: undefined,
    ...more,
  })

  it('is told by its id, else by its message, else by its code', () => {
    expect(failureOfFrame(frame({ error: 'invalid_api_key', code: 1008 })).code).toBe('auth')
    expect(failureOfFrame(frame({ message: 'This exceeds your quota.' })).code).toBe('quota')
    expect(failureOfFrame(frame({ error: 'new_one', code: 1011 })).code).toBe('unavailable')
    expect(failureOfFrame(frame({}))).toMatchObject({ code: 'rejected', vendorCode: undefined })
    expect(failureOfFrame(frame({ code: 1008 })).vendorCode).toBe('1008')
  })

  it('is told by the code of a close, or by its reason', () => {
    expect(failureOfClose(1006, '')).toMatchObject({
      code: 'disconnected',
      vendorCode: '1006',
      message: 'connection closed with 1006',
    })
    expect(failureOfClose(1009, 'message too big').code).toBe('rejected')
    expect(failureOfClose(1002, 'This request exceeds your quota limit.').code).toBe('quota')
  })
})

describe('the body of a refusal', () => {
  it('is read as an object, a list of problems, a text, or not at all', () => {
    expect(parseRefusal('{"detail":{"status":"system_busy","message":"Busy."}}')).toEqual({
      status: 'system_busy',
      message: 'Busy.',
    })
    expect(parseRefusal('{"detail":[{"loc":[],"msg":"a"},{"msg":"b"}]}').message).toBe('a; b')
    expect(parseRefusal('{"detail":"Not Found"}').message).toBe('Not Found')
    for (const body of ['', '{}', '<html>', '{"detail":7}']) {
      expect(parseRefusal(body)).toEqual({ status: undefined, message: undefined })
    }
  })
})
