import {
  figures,
  germanFigures,
  pronunciation,
  pronunciationCut,
} from '../../src/simulator/scenarios/spoken.ts'
import { scenarioWorld, textsOf } from '../helpers/scenario-world.ts'
import { describe, expect, it } from '../helpers/together.ts'

describe('what the model writes in figures and signs', () => {
  it('is heard in words, and is on record as it was heard', async () => {
    const world = await scenarioWorld([figures])
    const { record, call, problems } = await world.run(figures)
    expect(problems).toEqual([])
    const heard = call.heardText()
    expect(heard).toContain('forty-nine dollars and fifty cents')
    expect(heard).toContain('May third at two thirty p.m. with Doctor Smith.')
    expect(heard).toContain('Great question!')
    expect(heard).toContain('five five five, zero one nine nine')
    expect(heard).toContain('john at example dot com')
    expect(heard).not.toMatch(/[\d*$@#😀]|(^| )- /u)
    expect(textsOf(record, 'agent').join(' ')).toContain('fifty cents')
  })

  it('in German is heard in German words', async () => {
    const world = await scenarioWorld([germanFigures])
    const { call, problems } = await world.run(germanFigures)
    expect(problems).toEqual([])
    expect(call.heardText()).toContain(
      'Es kostet neunundvierzig Euro und fünfzig Cent, und zwar am dritten Mai um vierzehn Uhr dreißig.',
    )
  })
})

describe('a name that is not said as it is written', () => {
  it('is heard as it is said; record and model have it as it is written', async () => {
    const world = await scenarioWorld([pronunciation])
    const { record, call, problems } = await world.run(pronunciation)
    expect(problems).toEqual([])
    expect(call.heardText().match(/Doctor Win\b/g)).toHaveLength(2)
    expect(call.heardText()).not.toContain('Nguyen')
    expect(
      textsOf(record, 'agent')
        .join(' ')
        .match(/Doctor Nguyen\b/g),
    ).toHaveLength(2)
    expect(textsOf(record, 'agent').join(' ')).not.toContain('Win')
    const [last] = world.simulator.claude.requests().slice(-1)
    expect(JSON.stringify(last?.messages)).toContain('Doctor Nguyen')
    expect(JSON.stringify(last?.messages)).not.toContain('Win')
  })

  it('stays on record where the caller cuts in right after it', async () => {
    const world = await scenarioWorld([pronunciationCut])
    const { record, call, problems } = await world.run(pronunciationCut)
    expect(problems).toEqual([])
    const [opening] = record.transcript
    expect(opening).toMatchObject({ role: 'agent', interrupted: true })
    // It takes a moment until the agent hears that it is interrupted: some words follow.
    expect(opening?.text).toMatch(/because Doctor Nguyen( \S+){0,6}$/)
    expect(call.heardText()).toMatch(/because Doctor Win .*Doctor Win, your dentist/)
    const answered = world.simulator.claude
      .requests()
      .find(({ lastUserText }) => lastUserText.includes('doctor who'))
    expect(JSON.stringify(answered?.messages)).toContain('because Doctor Nguyen')
  })
})
