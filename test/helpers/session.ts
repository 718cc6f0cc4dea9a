import { systemClock } from '../../src/clock.ts'
import type { CallSessionParts } from '../../src/pipeline/call-session.ts'
import { noObserver } from '../../src/pipeline/call-observer.ts'
import { ToolBox } from '../../src/pipeline/tool-box.ts'
import { toolsFor } from '../../src/pipeline/tools.ts'
import { quiet } from './fake-ports.ts'

/** What a conversation is made of, apart from the fakes that a test talks through. */
export function conversationOf(): Omit<CallSessionParts, 'brief' | 'stt' | 'tts' | 'engine'> {
  const definitions = toolsFor({ direction: 'outbound' })
  return {
    firstSpeaker: 'agent',
    rules: {
      disclosure: undefined,
      guardsOpening: false,
      guardsGoodbye: false,
      voicemailMessage: undefined,
    },
    leavesMessages: false,
    transferTargets: [],
    tools: { definitions, box: new ToolBox({ definitions, clock: systemClock, log: quiet }) },
    pronunciation: {},
    limits: {
      maxDurationMs: 600_000,
      timeWarningMs: 30_000,
      silenceMs: 8000,
      holdMs: 300_000,
      reattachMs: 10_000,
      deadAir: { fillersMs: [2000, 5000], giveUpMs: 8000 },
    },
    speculates: false,
    backchannels: [],
    judge: undefined,
    control: {
      pressKeys: () => Promise.resolve(),
      transfer: () => Promise.resolve(),
    },
    record: noObserver,
    clock: systemClock,
    log: quiet,
  }
}
