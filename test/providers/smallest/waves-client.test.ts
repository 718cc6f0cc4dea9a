import { describe, expect, it } from 'vitest'
import { ElevenLabsToTwilio } from '../../../src/audio/elevenlabs-to-twilio.ts'
import { HeardWords, transcriptOf } from '../../../src/simulator/heard-words.ts'
import { smallestWorld } from '../../helpers/smallest.ts'

const TEXT = 'It is the green door.'

function heardIn(mulaw: Uint8Array): string {
  const ear = new HeardWords()
  ear.hear(mulaw)
  ear.finishWord()
  return transcriptOf(ear.words())
}

function fromPcm24k(pcm: Uint8Array): string {
  const converter = new ElevenLabsToTwilio()
  return heardIn(Uint8Array.from([...converter.push(pcm), ...converter.flush()]))
}

describe('speech made by Waves', () => {
  it('is what was asked for, in the line’s format, in PCM and as a file', async () => {
    const { waves } = await smallestWorld()
    const voiceId = 'magnus'
    const mulaw = await waves.synthesize({
      text: TEXT,
      voiceId,
      sampleRateHz: 8000,
      outputFormat: 'ulaw',
    })
    expect(heardIn(mulaw)).toBe(TEXT)
    // Nothing but the audio is handed out: neither more bytes nor a view of memory that others use.
    expect(mulaw.buffer.byteLength).toBe(mulaw.length)
    expect(fromPcm24k(await waves.synthesize({ text: TEXT, voiceId }))).toBe(TEXT)
    const wav = await waves.synthesize({ text: TEXT, voiceId, outputFormat: 'wav' })
    expect(Buffer.from(wav.subarray(0, 4)).toString()).toBe('RIFF')
    expect(fromPcm24k(wav.subarray(44))).toBe(TEXT)
  })

  it('comes as a stream while it is made', async () => {
    const { waves } = await smallestWorld()
    const pieces: Uint8Array[] = []
    for await (const piece of waves.synthesizeStream({
      text: TEXT,
      voiceId: 'magnus',
      sampleRateHz: 8000,
      outputFormat: 'ulaw',
      speed: 1.1,
      language: 'en',
    })) {
      pieces.push(piece)
    }
    expect(pieces.length).toBeGreaterThan(2)
    expect(heardIn(Buffer.concat(pieces))).toBe(TEXT)
  })

  it('that breaks off is not taken for the whole', async () => {
    const { waves } = await smallestWorld({ knobs: { voiceFaults: [{ kind: 'cut' }] } })
    const drain = async () => {
      for await (const piece of waves.synthesizeStream({ text: TEXT, voiceId: 'magnus' }))
        expect(piece.length).toBeGreaterThan(0)
    }
    await expect(drain()).rejects.toMatchObject({ provider: 'smallest', code: 'disconnected' })
  })

  it('without a sound is a failure, and one too many at once is refused', async () => {
    const { waves, smallest } = await smallestWorld({
      knobs: { voiceFaults: [{ kind: 'empty' }], firstAudioMs: 2000 },
    })
    const asked = { text: TEXT, voiceId: 'magnus' }
    await expect(waves.synthesize(asked)).rejects.toMatchObject({ code: 'empty' })
    smallest.knobs.maxSpeeches = 0
    await expect(waves.synthesize(asked)).rejects.toMatchObject({ code: 'rate_limited' })
  })

  it('knows which voices a model has', async () => {
    const { waves } = await smallestWorld()
    expect((await waves.getWavesVoices()).map(({ voiceId }) => voiceId)).toContain('magnus')
    expect(await waves.getWavesVoices('lightning_v3.1_pro')).toMatchObject([{ voiceId: 'meher' }])
    await expect(waves.getWavesVoices('nobody')).rejects.toMatchObject({ code: 'rejected' })
  })
})
