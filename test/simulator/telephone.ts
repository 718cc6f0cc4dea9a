import { CallAudio } from '../../src/simulator/call-audio.ts'
import { SimulatedPerson } from '../../src/simulator/person.ts'
import type { PersonStep } from '../../src/simulator/scenario.ts'
import { steadyClock } from '../../src/simulator/steady-clock.ts'
import {
  type HeardByte,
  speakMulaw,
  textOf,
  ToneListener,
} from '../../src/simulator/tone-speech.ts'

/** A person with a telephone, and the other end of the line in the hands of the test. */
export function pickUp(...steps: PersonStep[]) {
  const clock = steadyClock(10)
  const words: string[] = []
  const keys: { digit: string; atMs: number }[] = []
  const said: { text: string; atMs: number }[] = []
  const frames: (Uint8Array | undefined)[] = []
  const over = new AbortController()
  const audio = new CallAudio({ record: true, onWord: (word) => words.push(word) })
  audio.attach({ callerFrame: (frame) => frames.push(frame), markPlayed: () => undefined })
  const answeredAt = clock.now()
  const nowMs = () => {
    const ms = clock.now() - answeredAt
    audio.advance(ms)
    return ms
  }
  const cancelTicks = clock.every(5, () => nowMs())
  const hangUp = () => {
    person.over(nowMs())
    cancelTicks()
    over.abort(new Error('over'))
  }
  const person = new SimulatedPerson(
    {
      audio,
      nowMs,
      hangUp,
      stream: () => undefined,
      press: (digit) => keys.push({ digit, atMs: nowMs() }),
      said: (text, atMs) => said.push({ text, atMs }),
    },
    clock,
  )
  const done = person.follow(steps, over.signal)
  const agentSays = async (text: string, afterMs = 0) => {
    nowMs()
    audio.play(new Uint8Array(afterMs * 8).fill(0xff))
    audio.play(speakMulaw(text))
    for (; audio.waitingMs > 0; nowMs()) await clock.sleep(audio.waitingMs)
  }
  return { audio, clock, done, frames, hangUp, keys, nowMs, agentSays, person, said, words }
}

export const SILENT = new Uint8Array(160).fill(0xff)

export function understand(frames: readonly (Uint8Array | undefined)[]): string {
  const heard: HeardByte[] = []
  const listener = new ToneListener((byte) => heard.push(byte))
  for (const frame of frames) listener.hear(frame ?? SILENT)
  return textOf(heard)
}
