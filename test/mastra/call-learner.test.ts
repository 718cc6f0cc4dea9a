import { expect, it, onTestFinished, vi } from 'vitest'
import { CallEvents } from '../../src/calls/call-events.ts'
import { newRecord } from '../../src/calls/record.ts'
import { CallLearner } from '../../src/mastra/call-learner.ts'
import type { ClaudeOptions } from '../../src/simulator/claude.ts'
import { quiet } from '../helpers/fake-ports.ts'
import { personMemory } from '../helpers/mastra-database.ts'
import { mastraModel } from '../helpers/mastra-model.ts'

const MARIA = '+15551234567'

async function learner(
  options: Partial<ClaudeOptions> = {},
  said = ['Please call me in the evening.'],
  phoneNumber = MARIA,
) {
  const { memory } = await personMemory()
  const { claude, parts } = await mastraModel(options)
  const events = new CallEvents(parts.clock, (error) => {
    throw error
  })
  const spec = { phoneNumber, action: 'Confirm the delivery' }
  const record = {
    ...newRecord({
      callId: 'call_1',
      direction: 'outbound' as const,
      status: 'completed' as const,
      spec,
      createdAt: new Date(),
    }),
    turns: said.map((text, i) => ({ role: 'caller' as const, text, startMs: i, endMs: i + 1 })),
  }
  const learns = new CallLearner({
    ...parts,
    memory,
    records: { get: () => Promise.resolve(record) },
    log: quiet,
  })
  onTestFinished(() => learns.close())
  events.subscribe((event) => {
    learns.heard(event)
  })
  const end = () => {
    const outcome = { disposition: 'completed' as const, turns: {}, unknown: [], problems: [] }
    events.publish('call_1', { type: 'call.outcome', outcome })
  }
  return { memory, claude, learns, end }
}

it('the next call knows what the last one has taught, however soon it comes', async () => {
  const { memory, claude, learns, end } = await learner()
  await memory.setPreferences(MARIA, ['Speak slowly'])
  end()
  const briefing = await learns.briefing(MARIA)
  expect(briefing).toMatch(
    /earlier calls.*\n- They said: Please call me in the evening\.\n- Speak slowly$/,
  )
  expect((await memory.historyOf(MARIA, { limit: 5 })).map(({ text }) => text)).toEqual([
    'Please call me in the evening.',
  ])
  expect(await learns.briefing('+15550000000')).toBeUndefined()
  expect(claude.requests()).toHaveLength(1)
})

it('when the model cannot be asked, what was known stays, and the words are kept', async () => {
  const { memory, learns, end } = await learner({
    knobs: { faults: Array.from({ length: 4 }, () => ({ kind: 'status' as const, status: 400 })) },
  })
  await memory.setPreferences(MARIA, ['Speak slowly'])
  const printed = vi.spyOn(console, 'error')
  end()
  await learns.settled()
  // Mastra's own logger would print the whole prompt, with all that was said.
  expect(printed).not.toHaveBeenCalled()
  printed.mockRestore()
  expect(await memory.preferencesOf(MARIA)).toEqual(['Speak slowly'])
  expect(await memory.historyOf(MARIA, { limit: 5 })).toHaveLength(1)
})

it('what a person has said is not remembered again while it is being forgotten', async () => {
  const { memory, learns, claude, end } = await learner({ knobs: { firstTokenMs: 20_000 } })
  end()
  await expect.poll(() => claude.requests().length).toBe(1)
  await learns.stop({ phoneNumber: MARIA })
  // Nobody waits for a model whose answer is not wanted any more.
  await expect.poll(() => claude.requests()[0]?.aborted).toBe(true)
  await memory.erase(MARIA)
  await learns.settled()
  expect(await memory.preferencesOf(MARIA)).toEqual([])
  expect(await memory.historyOf(MARIA, { limit: 5 })).toEqual([])
})

it.each([
  ['said nothing', [], MARIA],
  ['is not known by a number', ['Call me in the evening.'], 'anonymous'],
])('nobody who %s is remembered', async (_, said, phoneNumber) => {
  const { learns, claude, memory, end } = await learner({}, said, phoneNumber)
  end()
  await learns.settled()
  expect(claude.requests()).toEqual([])
  expect(await memory.historyOf(phoneNumber, { limit: 5 })).toEqual([])
})
