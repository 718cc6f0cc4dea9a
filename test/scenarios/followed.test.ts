import { z } from 'zod'
import { EventView } from '../../src/routes/event-view.ts'
import { dentist } from '../../src/simulator/scenarios/dentist.ts'
import { interruptLate } from '../../src/simulator/scenarios/interruptions.ts'
import { connect, type SentEvent } from '../helpers/event-source.ts'
import { scenarioWorld, textsOf } from '../helpers/scenario-world.ts'
import { expect, it } from '../helpers/together.ts'

/** Nothing is known of earlier calls. */
const environment = { DATABASE_URL: 'file::memory:' }

/** Follows all calls until one has ended, and breaks the connection as soon as anything was told. */
async function followBrokenly(url: string): Promise<readonly EventView[]> {
  const seen: SentEvent[] = []
  let lastId = '0'
  const isOver = () => seen.some(({ event }) => event === 'call.ended')
  while (!isOver()) {
    const stream = await connect(`${url}/api/phone/events`, { lastId })
    await stream.got(1)
    stream.cut()
    await stream.over
    seen.push(...stream.events.filter(({ id }) => id !== undefined))
    lastId = stream.lastId() ?? lastId
  }
  return seen.map(({ data }) => EventView.parse(JSON.parse(data ?? '')))
}

it('a call that is followed over a bad connection is told as it is on record', async () => {
  const world = await scenarioWorld([interruptLate], { environment })
  const [{ record, problems }, events] = await Promise.all([
    world.run(interruptLate),
    followBrokenly(world.url),
  ])
  expect(problems).toEqual([])
  expect(events.map((event) => ('seq' in event ? event.seq : 0))).toEqual(
    events.map((_, i) => i + 1),
  )
  const turns = events.flatMap((event) => (event.type === 'turn' ? [event.turn] : []))
  const wordsOf = (role: 'agent' | 'caller') =>
    turns.flatMap((turn) => (turn.role === role ? [turn.text] : []))
  for (const role of ['agent', 'caller'] as const) {
    expect(wordsOf(role).toSorted()).toEqual(textsOf(record, role).toSorted())
  }
  expect(turns.some((turn) => turn.role === 'agent' && turn.interrupted)).toBe(true)
  expect(events.at(-1)).toMatchObject({ type: 'call.ended', status: record.status })
})

it('what happened in a call can be looked up in every form, and erased', async () => {
  const world = await scenarioWorld([dentist], { environment })
  const { record } = await world.run(dentist)
  const path = `${world.url}/api/phone/calls/${record.call_id}`
  const call = z
    .looseObject({
      timeline: z.array(z.object({ status: z.string(), at: z.string() })),
      latencies: z.array(z.looseObject({ kind: z.string(), wait_ms: z.number().nullable() })),
      cost: z.looseObject({ total: z.number(), lines: z.array(z.unknown()) }),
    })
    .parse(await (await fetch(path)).json())
  expect(call.timeline.map(({ status }) => status)).toEqual([
    'queued',
    'ringing',
    'in_progress',
    'completed',
  ])
  for (const { kind, wait_ms } of call.latencies) {
    if (kind === 'answer') expect(wait_ms).toBeGreaterThan(0)
  }
  expect(call.cost.total).toBeGreaterThan(0.018)
  const text = await (await fetch(`${path}/transcript.txt`)).text()
  const vtt = await (await fetch(`${path}/transcript.vtt`)).text()
  for (const words of textsOf(record, 'agent')) {
    expect(text).toContain(`Alex: ${words}`)
    expect(vtt).toContain(`<v Alex>${words}`)
  }
  const found = await fetch(
    `${world.url}/api/phone/calls?phone_number=${dentist.call.phone_number}`,
  )
  expect(await found.json()).toMatchObject({ calls: [{ call_id: record.call_id }] })
  expect((await fetch(path, { method: 'DELETE' })).status).toBe(204)
  for (const gone of ['', '/transcript.txt', '/events']) {
    expect((await fetch(path + gone)).status).toBe(404)
  }
})
