import { systemClock } from '../clock.ts'
import { atomsClientOf, pulseHearing, wavesVoice } from '../compose-smallest.ts'
import type { Config } from '../config.ts'
import { createLogger } from '../log.ts'
import { noMeters } from '../metrics/meters.ts'

const SILENT = createLogger({ level: 'silent', showPii: false })
const surroundings = { clock: systemClock, log: SILENT, meters: noMeters }

type Question = {
  readonly name: string
  /** Says what is well; throws what is not. */
  readonly ask: () => Promise<string>
}

/** Those of Smallest.ai's services that calls use. */
export function smallestQuestions(config: Config): readonly Question[] {
  return [
    ...(config.STT_PROVIDER === 'pulse' ? [{ name: 'pulse', ask: () => askPulse(config) }] : []),
    ...(config.TTS_PROVIDER === 'waves' ? [{ name: 'waves', ask: () => askWaves(config) }] : []),
    ...(config.ATOMS_AGENT_ID === '' ? [] : [{ name: 'atoms', ask: () => askAtoms(config) }]),
  ]
}

async function askPulse(config: Config): Promise<string> {
  const stt = pulseHearing(config, { brief: { language: config.LANGUAGE } }, surroundings)
  const abort = new AbortController()
  try {
    await stt.start(() => undefined, { signal: abort.signal })
    return `${config.PULSE_MODEL} hears ${config.LANGUAGE}`
  } finally {
    await stt.close()
    abort.abort()
  }
}

async function askWaves(config: Config): Promise<string> {
  const call = { brief: { language: config.LANGUAGE }, voiceId: undefined }
  const tts = wavesVoice(config, call, surroundings)
  try {
    const bytes = await new Promise<number>((resolve, reject) => {
      let heard = 0
      const speech = tts.speak({
        audio: (audio) => {
          heard += audio.length
        },
        done: () => {
          resolve(heard)
        },
        failed: reject,
      })
      speech.sendText('Hello.')
      speech.flush()
    })
    return `${config.WAVES_MODEL} speaks: ${Math.round(bytes / 8)} ms of sound`
  } finally {
    await tts.close()
  }
}

async function askAtoms(config: Config): Promise<string> {
  const client = atomsClientOf(config, systemClock)
  try {
    const { name } = await client.getAgentById(config.ATOMS_AGENT_ID)
    return `the agent ${name} is there`
  } finally {
    await client.close()
  }
}
