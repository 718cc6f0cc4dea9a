import { ElevenLabsToTwilio } from '../src/audio/elevenlabs-to-twilio.ts'
import { pcmToMulaw } from '../src/audio/mulaw.ts'
import { Resampler24kTo8k } from '../src/audio/resample.ts'
import { speakPcm24k } from '../src/simulator/tone-speech.ts'

/** How many seconds of audio a second of one core converts. */
export type MicroResult = {
  readonly resampleTimesRealTime: number
  readonly mulawTimesRealTime: number
  /** Both, as a call does it. */
  readonly elevenLabsToTwilioTimesRealTime: number
}

/** A voice sends about so much at a time: 400 ms. An odd number of bytes, so that samples are split, too. */
const CHUNK_BYTES = 19_201
const BYTES_PER_SECOND = 48_000
/** The fastest of several rounds: whatever else the machine does only ever adds time. */
const ROUNDS = 20

export function measurePieces(): MicroResult {
  const speech = speakPcm24k('A sentence of some length, said again and again. '.repeat(20))
  const seconds = speech.length / BYTES_PER_SECOND
  const chunks = Array.from({ length: Math.ceil(speech.length / CHUNK_BYTES) }, (_, i) =>
    speech.subarray(i * CHUNK_BYTES, (i + 1) * CHUNK_BYTES),
  )
  const resampler = new Resampler24kTo8k()
  const pieces = chunks.map((chunk) => resampler.push(chunk))
  return {
    resampleTimesRealTime:
      seconds /
      fastestSeconds(() => {
        const fresh = new Resampler24kTo8k()
        for (const chunk of chunks) fresh.push(chunk)
      }),
    mulawTimesRealTime:
      seconds /
      fastestSeconds(() => {
        for (const piece of pieces) pcmToMulaw(piece)
      }),
    elevenLabsToTwilioTimesRealTime:
      seconds /
      fastestSeconds(() => {
        const fresh = new ElevenLabsToTwilio()
        for (const chunk of chunks) fresh.push(chunk)
      }),
  }
}

function fastestSeconds(run: () => void): number {
  let fastest = Infinity
  for (let round = 0; round < ROUNDS; round++) {
    const startMs = performance.now()
    run()
    fastest = Math.min(fastest, performance.now() - startMs)
  }
  return fastest / 1000
}
