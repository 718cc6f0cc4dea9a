import type { Person, PersonStep, Transfer } from '../../src/simulator/scenario.ts'
import type { TwilioKnobs } from '../../src/simulator/twilio-knobs.ts'
import {
  type AgentScript,
  type Form,
  OWN,
  startWorld,
  STREAM,
  type World,
} from './scripted-agent.ts'
import { describe, expect, it, onTestFinished } from '../helpers/together.ts'

const DESK = '+15550001111'
const OTHER = '+15550002222'

type Options = {
  dial?: string
  script?: AgentScript
  knobs?: Partial<TwilioKnobs>
  does?: readonly PersonStep[]
}

/** A call that hands the person over at once; `forms` is what the action is told. */
async function handedOver(transfers: Record<string, Transfer>, options: Options = {}) {
  const forms: Form[] = []
  const dial = options.dial ?? `<Dial action="/after"><Number>${DESK}</Number></Dial>`
  const person: Person = { answer: 'yes', ringMs: 50, does: options.does ?? [], transfers }
  const world = await startWorld(
    {
      voice: () => `<Response><Say>One moment.</Say>${dial}</Response>`,
      pages: {
        '/after': (form) => {
          forms.push(form)
          return '<Response><Say>Back again.</Say></Response>'
        },
      },
      ...options.script,
    },
    person,
    { speed: 20, knobs: options.knobs ?? {} },
  )
  onTestFinished(() => world.close())
  await world.create()
  return { call: world.twilio.calls()[0]!, forms, world }
}

const rulesOf = ({ violations }: World) => violations.list.map(({ rule }) => rule)

describe('<Dial>', () => {
  it('connects the person with whoever answers: each hears the other, and the agent neither', async () => {
    const { call, forms, world } = await handedOver(
      { [DESK]: { status: 'completed', afterMs: 800, durationS: 4, says: 'Front desk, hello?' } },
      {
        does: [
          { hear: { text: 'desk, hello?' } },
          { say: 'I would like a table.' },
          { hear: { text: 'Back again' } },
          { say: 'Thanks.' },
        ],
      },
    )
    await call.ended
    expect(call.transferredTo).toEqual([
      {
        number: DESK,
        status: 'completed',
        callerId: undefined,
        said: 'I would like a table.',
        heard: 'Front desk, hello?',
      },
    ])
    expect(call.heardText()).toBe('One moment. Back again.')
    expect(call.said.map(({ text }) => text).join()).not.toContain('table')
    expect(forms).toMatchObject([
      { DialCallStatus: 'completed', DialCallDuration: '4', DialBridged: 'true' },
    ])
    expect(forms[0]!['DialCallSid']).toMatch(/^CA[0-9a-f]{32}$/)
    expect(rulesOf(world)).toEqual([])
    const words = (type: string) =>
      world.events.flatMap((event) => (event.type === type && 'word' in event ? [event.word] : []))
    expect(words('other_word')).toEqual(['Front', 'desk,', 'hello?'])
    expect(words('agent_word')).toEqual(['One', 'moment.', 'Back', 'again.'])
  })

  it.each([
    [{ status: 'busy' }, 'busy', 1500],
    [{ status: 'no-answer' }, 'no-answer', 20_000],
    [{ status: 'no-answer', afterMs: 500 }, 'no-answer', 500],
    [{ status: 'completed', afterMs: 25_000 }, 'no-answer', 20_000],
    [{ status: 'failed', afterMs: 0 }, 'failed', 0],
  ] as const)('tells the action that nobody answered: %j', async (transfer, status, ringMs) => {
    const { call, forms, world } = await handedOver(
      { [DESK]: transfer },
      { dial: `<Dial action="/after" timeout="20">${DESK}</Dial>` },
    )
    await call.ended
    expect(forms).toMatchObject([
      { DialCallStatus: status, DialCallDuration: '0', DialBridged: 'false' },
    ])
    expect(call.transferredTo).toMatchObject([{ number: DESK, status, said: '', heard: '' }])
    const at = (type: string) => world.events.find((event) => event.type === type)!.atMs
    expect(at('dial_ended') - at('dialled')).toBeGreaterThanOrEqual(ringMs - 10)
    expect(call.heardText()).toMatch(/^One moment\. ?Back again\.$/)
  })

  it('rings several numbers at once, and connects the first that answers', async () => {
    const { call, world } = await handedOver(
      {
        [DESK]: { status: 'completed', afterMs: 4000, says: 'Slow.' },
        [OTHER]: { status: 'completed', afterMs: 500, durationS: 2, says: 'Quick.' },
      },
      { dial: `<Dial><Number>${DESK}</Number><Number>${OTHER}</Number></Dial>` },
    )
    await call.ended
    expect(call.transferredTo).toMatchObject([
      { number: OTHER, status: 'completed', heard: 'Quick.' },
      { number: DESK, status: 'canceled', heard: '' },
    ])
    const dialled = world.events.filter(({ type }) => type === 'dialled')
    expect(dialled).toMatchObject([{ number: DESK }, { number: OTHER }])
  })

  it('reports the last of several who did not answer', async () => {
    const { call, forms } = await handedOver(
      { [DESK]: { status: 'no-answer', afterMs: 3000 }, [OTHER]: { status: 'busy', afterMs: 500 } },
      {
        dial: `<Dial action="/after"><Number>${DESK}</Number><Number>${OTHER}</Number></Dial>`,
      },
    )
    await call.ended
    expect(forms).toMatchObject([{ DialCallStatus: 'no-answer' }])
    expect(call.transferredTo).toHaveLength(2)
  })

  it('cuts a talk at its time limit, and a sentence with it', async () => {
    const { call, forms } = await handedOver(
      {
        [DESK]: {
          status: 'completed',
          afterMs: 0,
          durationS: 60,
          says: 'A very long story, '.repeat(9),
        },
      },
      { dial: `<Dial action="/after" timeLimit="2"><Number>${DESK}</Number></Dial>` },
    )
    await call.ended
    expect(forms).toMatchObject([{ DialCallDuration: '2' }])
    expect(call.transferredTo[0]!.heard.length).toBeLessThan(100)
    expect(call.heardText()).toBe('One moment. Back again.')
  })

  it('ends the call when the person hangs up on the other one, and asks nobody', async () => {
    const { call, forms } = await handedOver(
      { [DESK]: { status: 'completed', afterMs: 0, durationS: 600, says: 'Yes?' } },
      { does: [{ hear: { text: 'Yes?' } }, { say: 'Never mind.' }, { hangUp: true }] },
    )
    await call.ended
    expect(call.status).toBe('completed')
    expect(call.transferredTo).toMatchObject([{ said: 'Never mind.', heard: 'Yes?' }])
    expect(forms).toEqual([])
  })

  it('stops ringing when the person hangs up first', async () => {
    const { call, forms } = await handedOver(
      { [DESK]: { status: 'completed', afterMs: 15_000 } },
      { does: [{ hear: { text: 'moment.' } }, { pause: 1000 }, { hangUp: true }] },
    )
    await call.ended
    expect(call.transferredTo).toMatchObject([{ number: DESK, status: 'canceled' }])
    expect(forms).toEqual([])
  })

  it('gives the agent the person back on a new stream when nobody answers', async () => {
    const { call } = await handedOver(
      { [DESK]: { status: 'busy', afterMs: 300 } },
      {
        script: {
          pages: { '/after': () => STREAM },
          onStart: (stream) => {
            stream.say('The desk is busy.')
          },
        },
        does: [{ hear: { text: 'is busy.' } }, { hangUp: true }],
      },
    )
    await call.ended
    expect(call.heardText()).toBe('One moment. The desk is busy.')
    expect(call.streamCount).toBe(1)
  })

  it.each([
    [`<Dial action="/after" callerId="${OWN}">${DESK}</Dial>`, 'completed', []],
    [`<Dial action="/after" callerId="+15559999999">${DESK}</Dial>`, 'failed', ['13214']],
    [`<Dial action="/after" callerId="me">${DESK}</Dial>`, 'failed', ['13214']],
    [`<Dial action="/after">the desk</Dial>`, 'failed', ['13223']],
  ])('checks its numbers: %s', async (dial, status, codes) => {
    const { call, forms, world } = await handedOver(
      { [DESK]: { status: 'completed', afterMs: 0, durationS: 1 } },
      { dial, knobs: { ownNumbers: [OWN] } },
    )
    await call.ended
    expect(forms).toMatchObject([{ DialCallStatus: status }])
    expect(rulesOf(world)).toEqual(codes.map((code): unknown => expect.stringContaining(code)))
  })

  it('warns of more than ten numbers', async () => {
    const numbers = `<Number>${DESK}</Number>`.repeat(11)
    const { call, world } = await handedOver({}, { dial: `<Dial>${numbers}</Dial>` })
    await call.ended
    expect(rulesOf(world)).toEqual([expect.stringContaining('12200')])
  })
})
