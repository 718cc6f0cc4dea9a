import { systemClock } from '../src/clock.ts'
import { Phrases } from '../src/pipeline/phrases.ts'
import { type ClaudeEvent, startClaude } from '../src/simulator/claude.ts'
import { type DeepgramEvent, startDeepgram } from '../src/simulator/deepgram.ts'
import { type ElevenLabsEvent, startElevenLabs } from '../src/simulator/elevenlabs.ts'
import { Violations } from '../src/simulator/violations.ts'
import { BENCH_ACTION, BENCH_RULES, codesIn } from './conversation.ts'
import { watchUsage } from './process-usage.ts'
import { machineMs, type Moment, type Stamp } from './stamps.ts'
import type { VendorQuestions } from './vendor-questions.ts'
import { answerParent } from './worker.ts'

/** Deepgram's, Claude's and ElevenLabs' stand-ins, and a note of when they got and sent what. */
const KEY = 'bench'
const clock = systemClock
const violations = new Violations()
let stamps: Stamp[] = []

function note(what: Moment, code: string, atMs = machineMs()): void {
  stamps.push({ what, code, atMs })
}

/** By connection: the call that speaks on it, known from the end of its first turn. */
const callsHeard = new Map<number, string>()

function onDeepgram({ type, connection, text }: DeepgramEvent): void {
  if (type === 'turn_started') {
    const call = callsHeard.get(connection)
    if (call !== undefined) note('words_sent', call)
    return
  }
  const codes = codesIn(text)
  if (!codes) return
  callsHeard.set(connection, codes.call)
  note('turn_end_sent', codes.turn)
}

/** By request: its text so far, until the first phrase is complete. */
const unspoken = new WeakMap<object, Phrases>()

function onClaude(event: ClaudeEvent): void {
  const { request } = event
  const codes = codesIn(request.lastUserText)
  // Who it is that has answered is asked as well, once a call, and answers nobody.
  if (!codes || !request.system.includes(BENCH_ACTION)) return
  if (event.type === 'asked') {
    unspoken.set(request, new Phrases())
    // Reading the request is the stand-in's time.
    note('model_asked', codes.turn, machineMs() - (clock.now() - request.atMs))
    return
  }
  if (!unspoken.get(request)?.push(event.text).length) return
  unspoken.delete(request)
  note('phrase_written', codes.turn)
}

/** By context: the turn that is replied to. */
const repliesTo = new WeakMap<object, string>()

function onElevenLabs(event: ElevenLabsEvent): void {
  const { context } = event
  if (event.type === 'audio') {
    const turn = repliesTo.get(context)
    if (turn !== undefined) note('voice_began', turn)
    repliesTo.delete(context)
    return
  }
  const codes = codesIn(event.text)
  if (!codes) return
  repliesTo.set(context, codes.turn)
  note('phrase_given', codes.turn)
}

const [deepgram, claude, elevenLabs] = await Promise.all([
  startDeepgram({ clock, violations, apiKey: KEY, on: onDeepgram }),
  startClaude({
    clock,
    violations,
    apiKey: KEY,
    scripts: [{ marker: BENCH_ACTION, rules: BENCH_RULES }],
    on: onClaude,
  }),
  startElevenLabs({ clock, violations, apiKey: KEY, on: onElevenLabs }),
])

answerParent<VendorQuestions>(
  {
    environment: () => ({
      DEEPGRAM_API_KEY: KEY,
      DEEPGRAM_BASE_URL: deepgram.url,
      ANTHROPIC_API_KEY: KEY,
      ANTHROPIC_BASE_URL: claude.url,
      ELEVENLABS_API_KEY: KEY,
      ELEVENLABS_BASE_URL: elevenLabs.url,
      ELEVENLABS_VOICE_ID: 'bench',
      STOCK_PHRASES: 'off',
    }),
    usage: watchUsage(),
    report: () => {
      const report = { stamps, violations: violations.list }
      stamps = []
      return report
    },
  },
  async () => {
    await Promise.all([deepgram.close(), claude.close(), elevenLabs.close()])
  },
)
