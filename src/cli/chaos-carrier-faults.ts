import type { ChaosFault } from './chaos-fault.ts'

/** What happens to a call between its carrier and the server, and to what the server keeps. */
export const carrierFaults: readonly ChaosFault[] = [
  {
    area: 'line',
    kind: 'cut',
    when: 'during',
    excuses: ['no_line'],
    strike: (world) => {
      world.call()?.cutStream()
    },
  },
  {
    area: 'line',
    kind: 'half open',
    when: 'during',
    excuses: ['no_line'],
    strike: (world) => {
      world.call()?.freezeStream()
    },
  },
  {
    area: 'line',
    kind: 'stuck',
    when: 'during',
    excuses: ['no_line', 'unacknowledged'],
    strike: (world) => {
      world.call()?.stallStream('out')
    },
  },
  {
    area: 'line',
    kind: 'silent both ways',
    when: 'during',
    excuses: ['no_line', 'unacknowledged'],
    strike: (world) => {
      world.call()?.stallStream('both')
    },
  },
  {
    area: 'line',
    kind: 'second stream',
    when: 'during',
    excuses: ['no_line'],
    strike: (world) => {
      world.call()?.openAnotherStream()
    },
  },
  {
    area: 'callbacks',
    kind: 'lost',
    when: 'start',
    excuses: [],
    strike: ({ simulator: { twilio } }) => {
      twilio.knobs.callbackCopies = 0
    },
  },
  {
    area: 'callbacks',
    kind: 'doubled',
    when: 'start',
    excuses: [],
    strike: ({ simulator: { twilio } }) => {
      twilio.knobs.callbackCopies = 2
    },
  },
  {
    area: 'callbacks',
    kind: 'out of order',
    when: 'start',
    excuses: [],
    strike: ({ simulator: { twilio } }, chance) => {
      twilio.knobs.callbackCopies = 2
      twilio.knobs.callbackDelayMs = {
        initiated: 8000 * chance,
        ringing: 6000 * (1 - chance),
        answered: 3000 * chance,
        completed: 500,
      }
    },
  },
  {
    area: 'carrier',
    kind: 'API away',
    when: 'during',
    lastsMs: [500, 3500],
    excuses: ['stream_closed'],
    strike: ({ proxies: { carrier } }) => {
      carrier.set({ refuses: true })
      carrier.cut()
    },
    heal: ({ proxies: { carrier } }) => {
      carrier.set({ refuses: false })
    },
  },
  {
    area: 'carrier',
    kind: 'API slow',
    when: 'start',
    excuses: [],
    strike: ({ proxies: { carrier } }, chance) => {
      carrier.set({ latencyMs: 400 * chance })
    },
  },
  {
    area: 'carrier',
    kind: 'answer to the dial lost',
    when: 'start',
    lastsMs: [600, 600],
    // Nobody can know whether the call was made, and it must not be made twice: it is taken back if it cannot be found.
    excuses: ['not_rung'],
    strike: ({ proxies: { carrier } }) => {
      carrier.cutAfter(0)
    },
    heal: ({ proxies: { carrier } }) => {
      carrier.cutAfter(Infinity)
    },
  },
  {
    area: 'store',
    kind: 'away',
    when: 'during',
    lastsMs: [2000, 8000],
    excuses: [],
    strike: (world) => world.lockStore(),
    heal: (world) => world.unlockStore(),
  },
]
