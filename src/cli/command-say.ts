import { writeFile } from 'node:fs/promises'
import { mulawToPcm } from '../audio/mulaw.ts'
import { wavFile } from '../audio/wav.ts'
import { systemClock } from '../clock.ts'
import { composeSpeech, voiceBy } from '../compose-phone-voice.ts'
import { usualVoice } from '../compose-voice.ts'
import { ProviderError } from '../errors.ts'
import { spokenPieces } from '../pipeline/voice/spoken-pieces.ts'
import { printJson, readCommand, UsageError } from './command-options.ts'
import { noLog, speechConfig } from './speech-config.ts'

const HELP = `Speaks a text with the voice of your calls, into a file.

parley say TEXT --out FILE.wav
--provider NAME   elevenlabs, waves or deepgram; default: TTS_PROVIDER
--voice ID        another voice of that vendor
--language TAG    BCP 47, such as de; default: LANGUAGE
--json            the file, its seconds and its voice

The file has 16-bit samples at 8 kHz, as a telephone has them. Reads the configuration as the server does, from the environment
and from .env in this folder; of it, only the vendor's own variables have to be there. Each run costs what the vendor asks.`

const VENDORS = ['elevenlabs', 'waves', 'deepgram'] as const
const RATE_HZ = 8000

export async function sayCommand(args: readonly string[]): Promise<number> {
  const { values, positionals } = readCommand(args, {
    out: { type: 'string' },
    provider: { type: 'string' },
    voice: { type: 'string' },
    language: { type: 'string' },
  })
  if (values.help) {
    console.log(HELP)
    return 0
  }
  const text = positionals.join(' ').trim()
  if (text === '') throw new UsageError(`What is to be said?\n\n${HELP}`)
  if (values.out === undefined) throw new UsageError(`Into which file? --out FILE.wav\n\n${HELP}`)
  const { config, voice } = voiceFor(values)
  const parts = { clock: systemClock, log: noLog() }
  const tts = composeSpeech(config, { voice, language: values.language }, parts).speech()
  try {
    const options = { clock: systemClock, signal: new AbortController().signal }
    const audio = Buffer.concat(await Array.fromAsync(spokenPieces(tts, text, options)))
    const samples = mulawToPcm(audio)
    await writeFile(values.out, wavFile({ sampleRateHz: RATE_HZ, channels: [samples] }))
    const seconds = samples.length / RATE_HZ
    if (values.json) printJson({ file: values.out, seconds, ...voice })
    else console.log(`${values.out}: ${seconds.toFixed(1)} s by ${voice.vendor}:${voice.voice}`)
    return 0
  } catch (error) {
    return told(error)
  } finally {
    await tts.close()
  }
}

function voiceFor(values: { provider?: string | undefined; voice?: string | undefined }) {
  const vendor = VENDORS.find((each) => each === values.provider)
  if (values.provider !== undefined && vendor === undefined) {
    throw new UsageError(`There is no voice "${values.provider}". There are: ${VENDORS.join(', ')}`)
  }
  // Of Deepgram there is no voice but by name; naming it as one that stands in has its key asked for.
  const config = speechConfig(
    vendor === 'deepgram'
      ? { TTS_FALLBACK: `deepgram:${values.voice ?? 'aura-2-thalia-en'}` }
      : vendor === undefined
        ? {}
        : { TTS_PROVIDER: vendor },
  )
  const voice = voiceBy(config, vendor ?? usualVoice(config).vendor, values.voice)
  if (!voice) throw new UsageError('Which voice? --voice ID')
  return { config, voice }
}

/** What a vendor or the disk has refused, in a line. */
export function told(error: unknown): number {
  if (!(error instanceof ProviderError) && !(error instanceof Error && 'code' in error)) throw error
  const who = error instanceof ProviderError ? `${error.provider} (${error.code}): ` : ''
  console.error(`${who}${error.message}`)
  return 1
}
