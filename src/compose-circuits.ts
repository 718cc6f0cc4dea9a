import { Circuits } from './calls/circuits/circuits.ts'
import type { VendorCircuitParts } from './calls/circuits/vendor-circuit.ts'
import type { Clock } from './clock.ts'
import { askEar, type NamedEar, namedEars } from './compose-ears.ts'
import { type NamedVoice, usualVoice, vendorVoice } from './compose-voice.ts'
import type { Config } from './config.ts'
import type { Logger } from './log.ts'
import { noMeters } from './metrics/meters.ts'
import { spokenWhole } from './pipeline/voice/spoken-whole.ts'
import type { AnthropicConnection } from './providers/anthropic/client.ts'
import { probeModel } from './providers/anthropic/probe.ts'

type Surroundings = {
  readonly anthropic: AnthropicConnection
  readonly clock: Clock
  readonly log: Logger
}

type Probe = VendorCircuitParts['probe']

/** The shortest text that is a word in every language. */
const PROOF = 'OK.'

/** What is known of the vendors, and how those that are broken are asked whether they are well again. */
export function composeCircuits(config: Config, surroundings: Surroundings): Circuits {
  const { anthropic, clock, log } = surroundings
  const model = (name: string) => (options: { signal: AbortSignal }) =>
    probeModel(anthropic.client, name, options)
  const voices = [usualVoice(config), ...config.TTS_FALLBACK].map(
    (voice) => [voiceCircuit(config, voice), probeVoice(config, voice, surroundings)] as const,
  )
  const ears = namedEars(config).map(
    (ear) => [ear.circuit, probeEar(config, ear, surroundings)] as const,
  )
  return new Circuits({
    needs: {
      hearing: ears.map(([name]) => name),
      thinking: ['anthropic', 'anthropic-fallback'],
      speaking: voices.map(([name]) => name),
    },
    probes: {
      ...Object.fromEntries(ears),
      anthropic: model(config.ANTHROPIC_MODEL),
      'anthropic-fallback': model(config.ANTHROPIC_FALLBACK_MODEL),
      ...Object.fromEntries(voices),
    },
    clock,
    log,
  })
}

/** The name of a voice's circuit: a vendor's voices share one, unless one of them stands in for the others. */
export function voiceCircuit(config: Config, { vendor, voice }: NamedVoice): string {
  const standIn = config.TTS_FALLBACK.findIndex(
    (each) => each.vendor === vendor && each.voice === voice,
  )
  return standIn === -1 ? vendor : `voice-fallback-${standIn + 1}`
}

/** Whether somebody would be heard. */
function probeEar(config: Config, ear: NamedEar, { clock, log }: Surroundings): Probe {
  return ({ signal }) => askEar(config, ear, { clock, log, signal })
}

/** Whether a word would be spoken: an account that is used up is told of only then. */
function probeVoice(config: Config, voice: NamedVoice, { clock, log }: Surroundings): Probe {
  return async ({ signal }) => {
    const parts = { language: config.LANGUAGE, meters: noMeters, clock, log }
    const tts = vendorVoice(config, voice, parts)
    try {
      await spokenWhole(tts, PROOF, { clock, signal })
    } finally {
      await tts.close()
    }
  }
}
