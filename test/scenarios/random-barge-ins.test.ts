import type { CallJson } from '../../src/cli/call-record.ts'
import type { Scenario } from '../../src/simulator/scenario.ts'
import { seeded } from '../../src/simulator/seeded.ts'
import { type CallsAtOnce, callsAtOnce } from '../helpers/calls-at-once.ts'
import { textsOf } from '../helpers/scenario-world.ts'
import { describe, expect, it } from '../helpers/together.ts'

const STORY =
  'It began in a small town by the sea, where nobody had a telephone, and every letter took nine days. Then a young engineer came over the hills with four mules, two miles of copper wire and a wooden box, asked for a room above the bakery, and told the mayor that from now on everybody could talk to whom they liked, whenever they liked.'
const WORDS = STORY.split(' ')

type Moment = {
  /** The person begins to speak when they have heard so many words … */
  readonly words: number
  /** … and so many milliseconds later. */
  readonly ms: number
}

/** A callee who lets the agent tell a story, and stops it at a moment of their own. */
const callee = (code: string, number: number, { words, ms }: Moment): Scenario => ({
  name: `barge-in-${code}`,
  about: `cuts in ${ms} ms after word ${words}`,
  direction: 'outbound',
  call: {
    phone_number: `+1234568${String(1000 + number)}`,
    action: `Tell the story of ${code}`,
    opening: `Hello, this is ${code}.`,
    first_speaker: 'agent',
  },
  person: {
    answer: 'yes',
    ringMs: 300,
    does: [
      { hear: 'end' },
      // So that not everybody is answered in the same instant.
      { pause: 100 + 53 * (number % 20) },
      { say: 'Tell me the story.' },
      { hear: { words } },
      { pause: ms },
      { say: `Stop here, ${code}.` },
      { hear: { text: 'goodbye' } },
    ],
  },
  claude: [
    {
      when: /stop here/i,
      say: `All right, ${code}. Goodbye!`,
      tool: { name: 'end_call', input: {} },
    },
    { when: /tell me/i, say: STORY },
  ],
})

/** Ten callees who cut in at random moments, the same ones in every run. */
function callees(codes: string, first: number, { from, to }: { from: number; to: number }) {
  const random = seeded(first)
  return codes.split(' ').map((code, index) =>
    callee(code, first + index, {
      words: from + Math.floor(random() * (to - from + 1)),
      ms: Math.floor(random() * 220),
    }),
  )
}

const EARLY = callees('amber birch cedar daisy ember fable grove heron ivory jolly', 0, {
  from: 1,
  to: 6,
})
const LATE = callees('karma lemon maple noble ocean pearl quilt river stone tulip', 20, {
  from: 38,
  to: 54,
})
const GENERATED = callees('apple bread candle dragon eagle flute ginger honey iris jade', 40, {
  from: 2,
  to: 54,
})

type Cut = { readonly about: string; readonly heard: number; readonly onRecord: number }

/** The story as it was heard, between the opening and the goodbye, and as it is on record; in words. */
function cutOf(calls: CallsAtOnce, scenario: Scenario): Cut {
  const { record, call } = calls.of(scenario)
  const code = scenario.name.replace('barge-in-', '')
  const heard = new RegExp(`^Hello, this is ${code}\\. (.*) All right, ${code}\\. Goodbye!$`).exec(
    call.heardText(),
  )?.[1]
  return {
    about: `${code} ${scenario.about}`,
    heard: wordsOfStory(heard ?? '(not the story)'),
    onRecord: wordsOfStory(textsOf(record, 'agent')[1] ?? '(nothing)'),
  }
}

/** How many words of the story a text has, the last one perhaps in part; NaN when it is no beginning of the story. */
function wordsOfStory(text: string): number {
  return STORY.startsWith(text) ? text.split(' ').length : Number.NaN
}

function table(cuts: readonly Cut[]): string {
  const rows = cuts.map(
    ({ about, heard, onRecord }) => `${about}: heard ${heard}, on record ${onRecord}`,
  )
  return ['words of the story', ...rows].join('\n')
}

/** What the model was asked in a call, warming it up apart. */
function requestsOf({ simulator }: CallsAtOnce, { call }: Scenario) {
  const all = simulator.claude.requests()
  return all.filter(({ system, maxTokens }) => system.includes(call.action) && maxTokens > 0)
}

/** What the model was told in its last request of a call that the agent had said before. */
function remembered(calls: CallsAtOnce, scenario: Scenario): string[] {
  return (requestsOf(calls, scenario).at(-1)?.messages ?? []).flatMap(({ role, content }) =>
    role === 'assistant' ? [typeof content === 'string' ? content : JSON.stringify(content)] : [],
  )
}

/** The agent's turns before the goodbye, as the model reads them: a dash stands for what was cut off. */
function onRecord({ transcript }: CallJson): string[] {
  const agent = transcript.filter(({ role }) => role === 'agent').slice(0, -1)
  return agent.map(({ text = '', interrupted }) =>
    interrupted === true ? `${text.replace(/[\s,;:–—-]+$/u, '')} —` : text,
  )
}

describe.each([
  {
    when: 'early, while the model still writes',
    scenarios: EARLY,
    // The story takes almost as long to write as to tell.
    claude: { tokenMs: 120 },
    elevenLabs: {},
    isWriting: true,
  },
  {
    when: 'late, near its end',
    scenarios: LATE,
    claude: {},
    elevenLabs: {},
    isWriting: false,
  },
  {
    when: 'at any moment, after everything was generated and sent',
    scenarios: GENERATED,
    claude: { firstTokenMs: 60, tokenMs: 1 },
    elevenLabs: { firstAudioMs: 30, realTimeFactor: 500 },
    isWriting: false,
  },
])('callers who cut in $when', ({ scenarios, claude, elevenLabs, isWriting }) => {
  const calls = callsAtOnce(scenarios, {
    before: (simulator) => {
      Object.assign(simulator.claude.knobs, claude)
      Object.assign(simulator.elevenLabs.knobs, elevenLabs)
    },
  })

  it('have heard what the record says, to within a word', () => {
    const cuts = scenarios.map((scenario) => cutOf(calls, scenario))
    const wrong = cuts.filter(({ heard, onRecord }) => !(Math.abs(heard - onRecord) <= 1))
    expect(wrong, table(cuts)).toEqual([])
    // Each of them did cut the story short.
    expect(Math.max(...cuts.map(({ heard }) => heard))).toBeLessThan(WORDS.length)
  })

  it(isWriting ? 'stop the model' : 'come too late to stop the model', () => {
    const asked = scenarios.map((scenario) => requestsOf(calls, scenario)[0]?.aborted)
    expect(asked).toEqual(scenarios.map(() => isWriting))
  })

  it('are remembered by the model as having heard just that', () => {
    for (const scenario of scenarios) {
      const { record } = calls.of(scenario)
      expect(remembered(calls, scenario)).toEqual(onRecord(record))
      expect(record.transcript.filter(({ interrupted }) => interrupted === true)).toHaveLength(1)
    }
  })

  it('hear each word once, and nothing that is not on record', () => {
    expect(scenarios.flatMap((scenario) => calls.of(scenario).problems)).toEqual([])
  })
})
