import type { ClaudeFaultKind } from '../simulator/claude-knobs.ts'
import type { ElevenLabsFaultKind } from '../simulator/elevenlabs-knobs.ts'
import type { ChaosArea, ChaosFault, Excuse } from './chaos-fault.ts'
import type { ChaosWorld } from './chaos-world.ts'

type Vendor = Extract<ChaosArea, 'hearing' | 'voice' | 'model'>

/** What a network does to any vendor. */
function networkFaults(area: Vendor, excuses: readonly Excuse[]): ChaosFault[] {
  const proxy = (world: ChaosWorld) => world.proxies[area]
  const silent: readonly Excuse[] = area === 'hearing' ? ['silent_ear'] : excuses
  const during = { area, when: 'during', excuses } as const
  return [
    {
      ...during,
      kind: 'drop',
      strike: (world) => {
        proxy(world).cut()
      },
    },
    {
      ...during,
      kind: 'clean end',
      strike: (world) => {
        proxy(world).cut('end')
      },
    },
    {
      ...during,
      kind: 'half open',
      excuses: silent,
      strike: (world) => {
        proxy(world).stick()
      },
    },
    {
      ...during,
      kind: 'garbage',
      strike: (world) => {
        proxy(world).garble()
      },
    },
    {
      ...during,
      kind: 'slow network',
      strike: (world, chance) => {
        proxy(world).set({ latencyMs: 100 + 200 * chance })
      },
    },
    {
      area,
      kind: 'black hole',
      when: 'answer',
      lastsMs: [1500, 4000],
      excuses: silent,
      strike: (world) => {
        proxy(world).set({ isFrozen: true })
      },
      heal: (world) => {
        proxy(world).set({ isFrozen: false })
      },
    },
  ]
}

const GONE: readonly Excuse[] = ['end', 'not_rung']

const hearing: readonly ChaosFault[] = [
  ...networkFaults('hearing', []),
  {
    area: 'hearing',
    kind: 'stall',
    when: 'during',
    excuses: ['silent_ear'],
    strike: ({ simulator: { deepgram } }) => {
      onlyNow(deepgram, 'stallAfterMs', 0)
    },
  },
  {
    area: 'hearing',
    kind: 'closed 1011',
    when: 'during',
    excuses: [],
    strike: ({ simulator: { deepgram } }) => {
      deepgram.knobs.dropWith = 1011
      onlyNow(deepgram, 'dropAfterMs', 0)
    },
  },
  refusedHearing('wrong key', 401),
  refusedHearing('quota', 402),
  {
    area: 'hearing',
    kind: '429',
    when: 'start',
    excuses: [],
    strike: ({ simulator: { deepgram } }) => {
      refuseOnce(deepgram.knobs, 429)
    },
  },
]

function refusedHearing(kind: string, status: number): ChaosFault {
  return {
    area: 'hearing',
    kind,
    when: 'start',
    excuses: [...GONE, 'deaf'],
    strike: ({ simulator: { deepgram } }) => {
      deepgram.knobs.refuseStatus = status
    },
  }
}

/** Only the connections of this moment: knobs are looked up whenever they count, and the next connection finds them healthy. */
function onlyNow(
  deepgram: ChaosWorld['simulator']['deepgram'],
  knob: 'stallAfterMs' | 'dropAfterMs',
  value: number,
): void {
  const connections = deepgram.total()
  Object.defineProperty(deepgram.knobs, knob, {
    get: () => (deepgram.total() > connections ? Infinity : value),
    configurable: true,
  })
}

function refuseOnce(knobs: { refuseStatus: number | undefined }, status: number): void {
  const settle = (value: number | undefined) => {
    Object.defineProperty(knobs, 'refuseStatus', { value, writable: true, configurable: true })
  }
  Object.defineProperty(knobs, 'refuseStatus', {
    get: () => {
      // One request may look at it more than once.
      queueMicrotask(() => {
        settle(undefined)
      })
      return status
    },
    // Another fault of the same call refuses for good.
    set: settle,
    configurable: true,
  })
}

const AGAIN: readonly Excuse[] = ['sentence_again']

const voice: readonly ChaosFault[] = [
  ...networkFaults('voice', AGAIN),
  voiceFault('cut in speech', (chance) => ({ kind: 'cut', afterBytes: bytesAt(chance) })),
  voiceFault('stall', (chance) => ({ kind: 'stall', afterBytes: bytesAt(chance) })),
  voiceFault('closed 1011', (chance) => ({
    kind: 'close',
    code: 1011,
    afterBytes: bytesAt(chance),
  })),
  voiceFault('silent', () => ({ kind: 'silent' })),
  voiceFault('empty', () => ({ kind: 'empty' })),
  voiceFault('no JSON', () => ({ kind: 'garbage' })),
  voiceFault('busy', () => ({ kind: 'error', error: 'system_busy' })),
  voiceFault('quota', () => ({ kind: 'error', error: 'quota_exceeded' }), Infinity),
  {
    area: 'voice',
    kind: 'wrong key',
    when: 'start',
    excuses: GONE,
    strike: ({ simulator: { elevenLabs } }) => {
      elevenLabs.knobs.refuseStatus = 401
    },
  },
]

function voiceFault(
  kind: string,
  fault: (chance: number) => ElevenLabsFaultKind,
  times = 1,
): ChaosFault {
  return {
    area: 'voice',
    kind,
    when: 'during',
    excuses: times === 1 ? AGAIN : [...AGAIN, ...GONE],
    strike: ({ simulator: { elevenLabs } }, chance) => {
      elevenLabs.knobs.faults = [...elevenLabs.knobs.faults, { ...fault(chance), times }]
    },
  }
}

/** Up to a second and a half of audio. */
function bytesAt(chance: number): number {
  return Math.round(chance * 1500 * 48)
}

const model: readonly ChaosFault[] = [
  ...networkFaults('model', []),
  modelFault('429', () => ({ kind: 'status', status: 429, retryAfterS: 6 })),
  modelFault('529', () => ({ kind: 'status', status: 529 })),
  modelFault('500', () => ({ kind: 'status', status: 500 })),
  modelFault('error event', (after) => ({ kind: 'error_event', after })),
  modelFault('stall', (after) => ({ kind: 'stall', after })),
  modelFault('cut in reply', (after) => ({ kind: 'cut', after })),
  modelFault('early end', (after) => ({ kind: 'early_end', after })),
  modelFault('slow', () => ({ kind: 'slow', firstTokenMs: 6000 })),
  goneModel('wrong key', { kind: 'status', status: 401 }),
  goneModel('quota', { kind: 'status', status: 429, errorCode: 'enforced_spend_limit_reached' }),
]

/** The next request is hit, after up to twelve pieces of its reply. */
function modelFault(kind: string, fault: (after: number) => ClaudeFaultKind): ChaosFault {
  return {
    area: 'model',
    kind,
    when: 'during',
    excuses: [],
    strike: ({ simulator: { claude } }, chance) => {
      claude.knobs.faults = [...claude.knobs.faults, fault(Math.floor(12 * chance))]
    },
  }
}

function goneModel(kind: string, fault: ClaudeFaultKind): ChaosFault {
  return {
    area: 'model',
    kind,
    when: 'during',
    excuses: GONE,
    strike: ({ simulator: { claude } }) => {
      const forGood = { ...fault, times: Infinity, warmUps: true }
      claude.knobs.faults = [...claude.knobs.faults, forGood]
    },
  }
}

export const vendorFaults: readonly ChaosFault[] = [...hearing, ...voice, ...model]
