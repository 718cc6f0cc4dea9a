import { printJson, readCommand, UsageError } from './command-options.ts'
import { told } from './command-say.ts'

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
  try {
    // What it hears with takes a second to load: mistakes are told before.
    const { transcribe } = await import('./transcribe.ts')
    const turns = await transcribe({ file, hearing, language: values.language })
    if (values.json) printJson({ file, turns })
    else console.log(turns.join('\n'))
    return 0
  } catch (error) {
    return told(error)
  }
}
