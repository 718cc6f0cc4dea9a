import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Worker } from 'node:worker_threads'
import { openReadOnlyMemory } from '../../src/mastra/engine/read-only-memory.ts'
import { personId } from '../../src/mastra/person-id.ts'
import type { Scenario } from '../../src/simulator/scenario.ts'
import type { RecordedRequest } from '../../src/simulator/claude.ts'
import { dentist } from '../../src/simulator/scenarios/dentist.ts'
import { backchannel, interruptEarly } from '../../src/simulator/scenarios/interruptions.ts'
import { switchLanguage } from '../../src/simulator/scenarios/languages.ts'
import { mastraFollowUp } from '../../src/simulator/scenarios/mastra-follow-up.ts'
import { mindless, modelFaults } from '../../src/simulator/scenarios/model-faults.ts'
import { toolBargeIn, toolLookup } from '../../src/simulator/scenarios/tools.ts'
import { type CallsAtOnce, callsAtOnce } from '../helpers/calls-at-once.ts'
import { scenarioWorld, textsOf } from '../helpers/scenario-world.ts'
import { describe, expect, it, onTestFinished } from '../helpers/together.ts'

/** Scenarios of one purpose differ in what Claude says: each gets a purpose of its own. */
function ofItsOwn<Each extends Scenario>(scenario: Each): Each {
  const action = `${scenario.call.action} (${scenario.name})`
  return { ...scenario, call: { ...scenario.call, action } }
}

const calls = {
  dentist: ofItsOwn(dentist),
  interruptEarly: ofItsOwn(interruptEarly),
  backchannel: ofItsOwn(backchannel),
  toolLookup: ofItsOwn(toolLookup),
  toolBargeIn: ofItsOwn(toolBargeIn),
  switchLanguage: ofItsOwn(switchLanguage),
}
const CONVERSATION_ENGINE = 'mastra'

/** The requests of a conversation: what the AI SDK sends has every text in a block of its own. */
function askedByMastra({ simulator }: CallsAtOnce): { readonly own: number; readonly all: number } {
  const all = simulator.claude
    .requests()
    .filter(({ body }) => body.stream === true && body.model === 'claude-haiku-5-5')
  const isOwn = ({ body }: RecordedRequest) =>
    body.messages.every(({ content }) => typeof content !== 'string')
  return { own: all.filter(isOwn).length, all: all.length }
}

describe('with a Mastra agent as its mind, a call', () => {
  const made = callsAtOnce(Object.values(calls), { environment: { CONVERSATION_ENGINE } })

  it('does what it was made for, and has every word on record', () => {
    const { record, call, problems } = made.of(calls.dentist)
    expect(problems).toEqual([])
    expect(record).toMatchObject({ status: 'completed', end_reason: 'agent_hung_up' })
    expect(call.heardText()).toMatch(/^Hi John, this is Alex.*Suite two hundred.*Goodbye!$/)
    expect(record.transcript.at(-1)).toMatchObject({ role: 'tool', name: 'end_call' })
  })

  it('is thought in by that agent, and by nothing else', () => {
    const { own, all } = askedByMastra(made)
    expect(own).toBeGreaterThan(20)
    expect(all).toBe(own)
    const models = made.simulator.claude.requests().map(({ body }) => body.model)
    expect(new Set(models)).toEqual(new Set(['claude-haiku-5-5']))
  })

  it('that is interrupted ends where the ear did', () => {
    const early = made.of(calls.interruptEarly)
    expect(early.problems).toEqual([])
    expect(early.record.transcript[0]).toMatchObject({ role: 'agent', interrupted: true })
    expect(early.call.heardText()).toContain('AI assistant of Downtown Dental')
  })

  it('with a mere “uh-huh” goes on', () => {
    const { call, problems } = made.of(calls.backchannel)
    expect(problems).toEqual([])
    expect(call.heardText()).toContain('as you come in.')
  })

  it('asks an endpoint of the user, once, even if the caller speaks meanwhile', () => {
    const { call, problems } = made.of(calls.toolLookup)
    expect(problems).toEqual([])
    // Both calls look into one calendar, which is slow: one is told to wait.
    expect(call.heardText()).toMatch(/Let me look\..*Friday at eleven is free\. Shall I book it\?/)
    const bargeIn = made.of(calls.toolBargeIn)
    expect(bargeIn.problems).toEqual([])
    expect(bargeIn.call.heardText()).toMatch(/Parking is free.*Friday at eleven is free/)
    expect(bargeIn.record.transcript.filter(({ role }) => role === 'tool')).toHaveLength(2)
  })

  it('is held in the language of the person', () => {
    const { record, problems } = made.of(calls.switchLanguage)
    expect(problems).toEqual([])
    const languages = record.transcript.filter(({ name }) => name === 'switch_language')
    expect(languages).toHaveLength(1)
  })
})

describe('when the model behind the agent breaks,', () => {
  const made = callsAtOnce([...modelFaults, mindless], {
    environment: {
      CONVERSATION_ENGINE,
      ANTHROPIC_FIRST_TOKEN_TIMEOUT_MS: '2000',
      ANTHROPIC_STALL_TIMEOUT_MS: '2000',
      DEAD_AIR_FILLER_MS: '2000',
      DEAD_AIR_SECOND_FILLER_MS: '5000',
      DEAD_AIR_GIVE_UP_MS: '8000',
    },
    speed: 10,
    before: ({ claude }) => {
      claude.knobs.faults = [...modelFaults, mindless].flatMap(({ faults }) => faults)
    },
  })

  it.each(modelFaults)('$about: the person hears the whole answer, once', (each) => {
    const { record, problems } = made.of(each)
    const hit = made.simulator.claude.requests().some(({ fault }) => {
      return fault !== undefined && each.faults.includes(fault)
    })
    expect(hit).toBe(true)
    expect(problems).toEqual([])
    const said = record.transcript.flatMap(({ role, text, filler }) =>
      role === 'agent' && filler !== true ? [text] : [],
    )
    expect(said.slice(1, -1).join(' ')).toBe(each.answer)
    expect(record).toMatchObject({ status: 'completed', failure: null })
  })

  it('and no other one answers: an apology, and the record says who failed', () => {
    const { record, call, problems } = made.of(mindless)
    expect(problems).toEqual([])
    expect(call.heardText()).toMatch(/One moment, please\..*technical problem.*Goodbye\.$/)
    expect(record).toMatchObject({ status: 'failed', failure: { by: 'anthropic' } })
    expect(textsOf(record, 'agent').length).toBeGreaterThan(1)
  })
})

it('what a person has said in one call is known in the next one, whoever asks for it', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'parley-memory-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  // Its folder is not there yet.
  const url = `file:${join(folder, 'data', 'people.db')}`
  const scenario = { ...mastraFollowUp, earlier: [] }
  const world = await scenarioWorld([scenario], {
    environment: { CONVERSATION_ENGINE, MASTRA_ENABLED: 'true', MASTRA_DATABASE_URL: url },
    speed: 10,
  })
  const inCalls = () =>
    world.simulator.claude
      .requests()
      .filter(({ body }) => body.stream === true)
      .map(({ system }) => system)
  const first = await world.run(scenario)
  expect(first.problems).toEqual([])
  const before = inCalls()
  expect(before.length).toBeGreaterThan(1)
  expect(before.join()).not.toContain('mornings only')
  const memory = await openReadOnlyMemory(url)
  const person = { threadId: 'any', resourceId: personId(scenario.call.phone_number) }
  const known = () => memory.getWorkingMemory(person)
  await expect.poll(known, { timeout: 20_000 }).toContain('mornings only')
  const second = await world.run(scenario)
  expect(second.problems).toEqual([])
  const after = inCalls().slice(before.length)
  expect(after.length).toBeGreaterThan(1)
  expect(after.every((system) => system.includes('mornings only'))).toBe(true)
})

it(
  'when the thread of the agent ends in the middle of a reply, the person hears the rest of it from the model that stands in, once',
  async () => {
    const threads: Worker[] = []
    const onWorker = (worker: Worker) => threads.push(worker)
    process.on('worker', onWorker)
    onTestFinished(() => {
      process.off('worker', onWorker)
    })
    const world = await scenarioWorld([calls.dentist], {
      environment: { CONVERSATION_ENGINE },
      speed: 6,
    })
    const { claude } = world.simulator
    claude.knobs.tokenMs = 60
    const ended = world.run(calls.dentist)
    const isAnswering = () =>
      claude.requests().some(({ lastUserText }) => lastUserText.includes('Thursday works'))
    await expect.poll(isAnswering, { interval: 5, timeout: 20_000 }).toBe(true)
    // A few words of it are there.
    await world.clock.sleep(1000)
    expect(threads).toHaveLength(1)
    await threads[0]?.terminate()
    const { record, call, problems } = await ended
    expect(problems).toEqual([])
    expect(record).toMatchObject({
      status: 'completed',
      end_reason: 'agent_hung_up',
      failure: null,
    })
    expect(call.heardText().split("you're all set for Thursday at two")).toHaveLength(2)
    expect(call.heardText()).toMatch(/Suite two hundred.*Goodbye!$/)
    const models = claude.requests().map(({ body }) => body.model)
    expect(models).toContain('claude-sonnet-5-5')
    await expect.poll(() => threads.length).toBeGreaterThan(1)
  },
  // Its thread must be the only one.
  { concurrent: false },
)
