import { writeFile } from 'node:fs/promises'
import { mulawToPcm } from '../audio/mulaw.ts'
import { wavFile } from '../audio/wav.ts'
import { systemClock } from '../clock.ts'
import { composeSpeech, voiceBy } from '../compose-phone-voice.ts'
import { type NamedVoice, usualVoice } from '../compose-voice.ts'
import { spokenPieces } from '../pipeline/voice/spoken-pieces.ts'
import { UsageError } from './command-options.ts'
import { noLog, speechConfig } from './speech-config.ts'

const RATE_HZ = 8000

export type Saying = {
  readonly text: string
  /** The file to be written. */
  readonly out: string
  readonly vendor: NamedVoice['vendor'] | undefined
  /** Of that vendor. */
  readonly voice?: string | undefined
  readonly language?: string | undefined
}

/**
 * Speaks a text into a file of 16-bit samples at 8 kHz.
 *
 * @throws {UsageError} when the configuration does not have what the voice needs
 * @throws {ProviderError} when the vendor refuses
 */
export async function say(saying: Saying): Promise<{ seconds: number; voice: NamedVoice }> {
  const { config, voice } = voiceFor(saying)
  const parts = { clock: systemClock, log: noLog() }
  const tts = composeSpeech(config, { voice, language: saying.language }, parts).speech()
  try {
    const options = { clock: systemClock, signal: new AbortController().signal }
    const audio = Buffer.concat(await Array.fromAsync(spokenPieces(tts, saying.text, options)))
    const samples = mulawToPcm(audio)
    await writeFile(saying.out, wavFile({ sampleRateHz: RATE_HZ, channels: [samples] }))
    return { seconds: samples.length / RATE_HZ, voice }
  } finally {
    await tts.close()
  }
}

function voiceFor({ vendor, voice: id }: Pick<Saying, 'vendor' | 'voice'>) {
  // Of Deepgram there is no voice but by name; naming it as one that stands in has its key asked for.
  const config = speechConfig(
    vendor === 'deepgram'
      ? { TTS_FALLBACK: `deepgram:${id ?? 'aura-2-thalia-en'}` }
      : vendor === undefined
        ? {}
        : { TTS_PROVIDER: vendor },
  )
  const voice = voiceBy(config, vendor ?? usualVoice(config).vendor, id)
  if (!voice) throw new UsageError('Which voice? --voice ID')
  return { config, voice }
}
