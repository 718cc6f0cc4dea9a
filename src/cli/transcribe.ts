import { readFile } from 'node:fs/promises'
import { pcmToMulaw } from '../audio/mulaw.ts'
import { telephoneSound } from '../audio/telephone-sound.ts'
import { readWav, WavError } from '../audio/wav-reader.ts'
import { systemClock } from '../clock.ts'
import { composeSpeech } from '../compose-phone-voice.ts'
import { heardWhole } from '../pipeline/voice/heard-whole.ts'
import { UsageError } from './command-options.ts'
import { noLog, speechConfig } from './speech-config.ts'

/**
 * What is said in a WAV file, turn by turn.
 *
 * @throws {UsageError} when that is no sound, or the configuration does not have what the ears need
 * @throws {ProviderError} when the vendor refuses
 */
export async function transcribe(request: {
  file: string
  hearing: 'deepgram' | 'pulse' | undefined
  language?: string | undefined
}): Promise<readonly string[]> {
  const { file, hearing, language } = request
  // The voice is not asked for, nor anything that it needs.
  const unused = { ELEVENLABS_API_KEY: 'unused', ELEVENLABS_VOICE_ID: 'unused', TTS_PROVIDER: '' }
  const config = speechConfig({ ...unused, ...(hearing && { STT_PROVIDER: hearing }) })
  const audio = soundOf(file, await readFile(file))
  const clock = systemClock
  const stt = composeSpeech(config, { language }, { clock, log: noLog() }).hearing()
  return heardWhole(stt, audio, { clock, signal: new AbortController().signal })
}

function soundOf(file: string, bytes: Buffer) {
  try {
    return pcmToMulaw(telephoneSound(readWav(bytes)))
  } catch (error) {
    if (!(error instanceof WavError) && !(error instanceof RangeError)) throw error
    throw new UsageError(`${file}: ${error.message}`)
  }
}
