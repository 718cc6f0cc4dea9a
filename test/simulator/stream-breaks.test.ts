import type { Person } from '../../src/simulator/scenario.ts'
import { type HeardByte, textOf, ToneListener } from '../../src/simulator/tone-speech.ts'
import {
  type AgentScript,
  type AgentStream,
  eventually,
  startWorld,
  STREAM,
} from './scripted-agent.ts'
import { describe, expect, it, onTestFinished } from '../helpers/together.ts'

const STORY = `I was just about to tell you, ${'word by word, '.repeat(20)}to the very end.`

async function started(script: AgentScript, person: Omit<Person, 'answer'>, speed = 8) {
  const world = await startWorld(script, { answer: 'yes', ringMs: 50, ...person }, { speed })
  onTestFinished(() => world.close())
  await world.create()
  return { call: world.twilio.calls()[0]!, world }
}

const reconnects: AgentScript = {
  voice: () => STREAM.replace('<Connect>', '<Connect action="/next">'),
  pages: { '/next': () => STREAM.replace('<Connect>', '<Connect action="/next">') },
}

function understand(stream: AgentStream): string {
  const heard: HeardByte[] = []
  const listener = new ToneListener((byte) => heard.push(byte))
  listener.hear(stream.heard)
  listener.hear(new Uint8Array(400).fill(0xff))
  return textOf(heard)
}

describe('a stream that the script breaks', () => {
  it('is cut without a stop; what was not played yet is never heard, and the call goes on', async () => {
    const { call, world } = await started(
      {
        ...reconnects,
        onStart: (stream) => {
          if (world.streams.length > 1) stream.say('Where were we?')
          else {
            stream.say(STORY)
            stream.mark('told')
          }
        },
      },
      {
        does: [
          { hear: { words: 2 } },
          { say: 'Go on.' },
          { hear: { words: 3 } },
          { cutStream: true },
          { hear: { text: 'Where were we?' } },
          { say: 'You were gone.' },
          { pause: 200 },
          { hangUp: true },
        ],
      },
    )
    await call.ended
    const [first, second] = world.streams
    expect(await first!.closed).toBe(1006)
    expect(first!.of('stop')).toEqual([])
    expect(first!.of('mark')).toEqual([])
    expect(call.streamCount).toBe(2)
    expect(call.heardText()).toMatch(/^I was just about .*Where were we\?$/)
    expect(call.heardText()).not.toContain('very end')
    expect(understand(first!)).toBe('Go on.')
    expect(understand(second!)).toBe('You were gone.')
    expect(world.violations.list).toEqual([])
  })

  it('may break before the first is open, and again right after', async () => {
    const { call, world } = await started(reconnects, {
      does: [{ cutStream: true }, { cutStream: true }, { say: 'Hi.' }, { hangUp: true }],
    })
    await call.ended
    expect(world.streams).toHaveLength(3)
    expect(world.streams.map((stream) => stream.of('start').length)).toEqual([1, 1, 1])
    expect(world.violations.list).toEqual([])
  })

  it('falls silent half open, while a new one takes its place', async () => {
    const { call, world } = await started(
      {
        ...reconnects,
        onStart: (stream) => {
          if (world.streams.length === 2) {
            world.streams[0]!.say('from the grave')
            stream.say('Alive.')
          }
        },
      },
      {
        does: [
          { freezeStream: true },
          { hear: { text: 'Alive.' } },
          { say: 'Yes.' },
          { pause: 200 },
          { hangUp: true },
        ],
      },
    )
    await call.ended
    expect(call.heardText()).toBe('Alive.')
    expect(world.streams[0]!.of('stop')).toEqual([])
    expect(understand(world.streams[1]!)).toBe('Yes.')
  })
})

describe('keys that the server presses', () => {
  it('are heard by a menu between two streams, and lead to the person behind it', async () => {
    const twiml = `<Response><Play digits="w2ww31"/>${STREAM.replace(/<.?Response>/g, '')}</Response>`
    const { call, world } = await started(
      {
        onStart: (stream) => {
          if (world.streams.length === 2) stream.say('Hello Kim.')
          else void world.client.calls(call.callSid).update({ twiml })
        },
      },
      {
        does: [],
        menu: {
          say: 'Press one for sales, two for all others. '.repeat(5),
          options: {
            2: {
              say: 'Say or enter the extension. '.repeat(9),
              options: {
                31: [{ say: 'Kim here.' }, { pause: 4000 }, { hangUp: true }],
              },
            },
          },
        },
      },
    )
    await call.ended
    const [first, second] = world.streams
    expect(first!.of('stop')).toHaveLength(1)
    expect(second!.of('start')).toHaveLength(1)
    expect(call.keysHeard).toBe('231')
    expect(call.heardText()).toBe('Hello Kim.')
    expect(call.said.map(({ text }) => text).at(-1)).toBe('Kim here.')
    expect(world.events.flatMap((e) => (e.type === 'agent_pressed' ? [e.digit] : []))).toEqual(
      Array.from('231'),
    )
    expect(world.violations.list).toEqual([])
  })
})

describe('a stream on a bad line', () => {
  it('has gaps in its timestamps where frames are missing, and none in its numbers', async () => {
    const { call, world } = await started(
      {},
      {
        does: [
          { pause: 500 },
          { say: 'One.' },
          { pause: 1000 },
          { say: 'Two.' },
          { pause: 200 },
          { hangUp: true },
        ],
        line: { silenceSuppression: true },
      },
    )
    await call.ended
    const stream = world.streams[0]!
    const media = stream.of('media').map(({ media }) => media!)
    expect(media.map(({ chunk }) => Number(chunk))).toEqual(media.map((_, i) => i + 1))
    expect(stream.messages.slice(1).map(({ sequenceNumber }) => Number(sequenceNumber))).toEqual(
      stream.messages.slice(1).map((_, i) => i + 1),
    )
    const times = media.map(({ timestamp }) => Number(timestamp))
    const gaps = times.slice(1).map((time, i) => time - times[i]!)
    expect(gaps.every((gap) => gap % 20 === 0 && gap > 0)).toBe(true)
    const [pause, ...others] = gaps.filter((gap) => gap > 20)
    const [one, two] = call.said
    expect(others).toEqual([])
    expect(pause).toBeGreaterThanOrEqual(two!.startMs - one!.endMs - 40)
    expect(pause).toBeLessThanOrEqual(two!.startMs - one!.endMs + 40)
    expect(understand(stream)).toBe('One.Two.')
  })

  it('carries late frames whole, and words through noise', async () => {
    const { call, world } = await started(
      {},
      {
        does: [{ pause: 300 }, { say: '¿Cómo está, Größe?' }, { pause: 800 }, { hangUp: true }],
        line: { jitterMs: 120 },
        noise: { levelDbfs: -40 },
      },
    )
    await call.ended
    const stream = world.streams[0]!
    expect(understand(stream)).toBe('¿Cómo está, Größe?')
    const times = stream.of('media').map(({ media }) => Number(media!.timestamp))
    expect(times[0]).toBe(150)
    expect(times.slice(1).every((time, i) => time - times[i]! === 20)).toBe(true)
  })

  it('loses frames for good', async () => {
    const { call, world } = await started(
      {},
      { does: [{ pause: 4000 }, { hangUp: true }], line: { lossPercent: 30 } },
    )
    await eventually(() => call.status).toBe('completed')
    await call.ended
    const times = world.streams[0]!.of('media').map(({ media }) => Number(media!.timestamp))
    const sent = (times.at(-1)! - times[0]!) / 20 + 1
    expect(times.length / sent).toBeGreaterThan(0.55)
    expect(times.length / sent).toBeLessThan(0.85)
  })
})
