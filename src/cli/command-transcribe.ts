import { readFile } from 'node:fs/promises'
import { pcmToMulaw } from '../audio/mulaw.ts'
import { telephoneSound } from '../audio/telephone-sound.ts'
import { readWav, WavError } from '../audio/wav-reader.ts'
import { systemClock } from '../clock.ts'
import { composeSpeech } from '../compose-phone-voice.ts'
import { heardWhole } from '../pipeline/voice/heard-whole.ts'
import { printJson, readCommand, UsageError } from './command-options.ts'
import { told } from './command-say.ts'
import { noLog, speechConfig } from './speech-config.ts'

const HELP = `Writes down what is said in a WAV file, with the ears of your calls: a line for each turn.

parley transcribe FILE.wav
--provider NAME   deepgram or pulse; default: STT_PROVIDER
--language TAG    BCP 47, such as de; default: LANGUAGE
--json            the file and its turns

16-bit PCM or μ-law, 8, 16, 24 or 48 kHz, any number of channels (they are mixed). The sound is played to the vendor at the pace of
speech, so this takes as long as the file lasts. Reads the configuration as the server does, from the environment and from .env in
this folder; of it, only the vendor's own variables have to be there.`

const EARS = ['deepgram', 'pulse'] as const

export async function transcribeCommand(args: readonly string[]): Promise<number> {
  const { values, positionals } = readCommand(args, {
    provider: { type: 'string' },
    language: { type: 'string' },
  })
  if (values.help) {
    console.log(HELP)
    return 0
  }
  const [file] = positionals
  if (file === undefined) throw new UsageError(`Which file?\n\n${HELP}`)
  const hearing = EARS.find((each) => each === values.provider)
  if (values.provider !== undefined && hearing === undefined) {
    throw new UsageError(`There is no ear "${values.provider}". There are: ${EARS.join(', ')}`)
  }
  // The voice is not asked for, nor anything that it needs.
  const unused = { ELEVENLABS_API_KEY: 'unused', ELEVENLABS_VOICE_ID: 'unused', TTS_PROVIDER: '' }
  const config = speechConfig({ ...unused, ...(hearing && { STT_PROVIDER: hearing }) })
  try {
    const audio = pcmToMulaw(telephoneSound(readWav(await readFile(file))))
    const clock = systemClock
    const { language } = values
    const stt = composeSpeech(config, { language }, { clock, log: noLog() }).hearing()
    const turns = await heardWhole(stt, audio, { clock, signal: new AbortController().signal })
    if (values.json) printJson({ file, turns })
    else console.log(turns.join('\n'))
    return 0
  } catch (error) {
    if (error instanceof WavError || error instanceof RangeError) {
      throw new UsageError(`${file}: ${error.message}`)
    }
    return told(error)
  }
}
