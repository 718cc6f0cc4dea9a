import { ProviderError } from '../errors.ts'
import { printJson, readCommand, UsageError } from './command-options.ts'

const HELP = `Speaks a text with the voice of your calls, into a file.

parley say TEXT --out FILE.wav
--provider NAME   elevenlabs, waves or deepgram; default: TTS_PROVIDER
--voice ID        another voice of that vendor
--language TAG    BCP 47, such as de; default: LANGUAGE
--json            the file, its seconds and its voice

The file has 16-bit samples at 8 kHz, as a telephone has them. Reads the configuration as the server does, from the environment
and from .env in this folder; of it, only the vendor's own variables have to be there. Each run costs what the vendor asks.`

const VENDORS = ['elevenlabs', 'waves', 'deepgram'] as const

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
  const vendor = vendorOf(values.provider)
  try {
    // What it speaks with takes a second to load: mistakes are told before.
    const { say } = await import('./say.ts')
    const { out, language } = values
    const { seconds, voice } = await say({ text, out, vendor, voice: values.voice, language })
    if (values.json) printJson({ file: out, seconds, ...voice })
    else console.log(`${out}: ${seconds.toFixed(1)} s by ${voice.vendor}:${voice.voice}`)
    return 0
  } catch (error) {
    return told(error)
  }
}

function vendorOf(name: string | undefined) {
  const vendor = VENDORS.find((each) => each === name)
  if (name !== undefined && vendor === undefined) {
    throw new UsageError(`There is no voice "${name}". There are: ${VENDORS.join(', ')}`)
  }
  return vendor
}

/** What a vendor or the disk has refused, in a line. */
export function told(error: unknown): number {
  if (!(error instanceof ProviderError) && !(error instanceof Error && 'code' in error)) throw error
  const who = error instanceof ProviderError ? `${error.provider} (${error.code}): ` : ''
  console.error(`${who}${error.message}`)
  return 1
}
