import { textOf, ToneListener, type HeardByte } from '../../src/simulator/tone-speech.ts'
import type { Person } from '../../src/simulator/scenario.ts'
import {
  ACCOUNT,
  eventually,
  type AgentScript,
  type AgentStream,
  HOST,
  startWorld,
  STREAM,
} from './scripted-agent.ts'
import { describe, expect, it, onTestFinished } from '../helpers/together.ts'

async function started(
  script: AgentScript,
  person?: Person,
  options?: Parameters<typeof startWorld>[2],
) {
  const world = await startWorld(script, person, options)
  onTestFinished(() => world.close())
  await world.create()
  return { call: world.twilio.calls()[0]!, world }
}

const person = (...does: Person['does']): Person => ({ answer: 'yes', ringMs: 50, does })

function understand(audio: Uint8Array): string {
  const heard: HeardByte[] = []
  const listener = new ToneListener((byte) => heard.push(byte))
  listener.hear(audio)
  return textOf(heard)
}

const withStatus = STREAM.replace(
  '/media"',
  `/media" statusCallback="https://${HOST}/stream-status"`,
)

describe('media stream', () => {
  it('opens with the headers of Twilio and no others', async () => {
    const { call, world } = await started({})
    await eventually(() => call.streamCount).toBe(1)
    call.hangUp()
    await call.ended
    const headers = world.upgrades[0]!
    expect(headers.host).toBe(HOST)
    expect(headers['user-agent']).toBe('Twilio.TmeWs/1.0')
    expect(headers.origin).toBeUndefined()
    expect(headers['sec-websocket-extensions']).toBeUndefined()
    expect(headers['sec-websocket-protocol']).toBeUndefined()
    expect(headers['x-twilio-signature']).toHaveLength(28)
    expect(world.badSignatures).toEqual([])
    expect(world.violations.list).toEqual([])
  })

  it('sends connected, start, frames and stop as Twilio does, under one counter', async () => {
    const { call, world } = await started({})
    await eventually(() => world.streams[0]?.of('media').length).toBeGreaterThan(10)
    const stream = world.streams[0]!
    call.press('1#')
    call.hangUp()
    await call.ended
    await stream.closed
    const [connected, start, ...rest] = stream.messages
    expect(connected).toEqual({ event: 'connected', protocol: 'Call', version: '1.0.0' })
    expect(start).toEqual({
      event: 'start',
      sequenceNumber: '1',
      start: {
        accountSid: ACCOUNT,
        streamSid: stream.streamSid,
        callSid: call.callSid,
        tracks: ['inbound'],
        mediaFormat: { encoding: 'audio/x-mulaw', sampleRate: 8000, channels: 1 },
        customParameters: { token: 'a&b' },
      },
      streamSid: stream.streamSid,
    })
    expect(rest.map(({ sequenceNumber }) => sequenceNumber)).toEqual(
      rest.map((_, i) => String(i + 2)),
    )
    const media = stream.of('media').map(({ media }) => media!)
    expect(media.length).toBeGreaterThan(10)
    media.forEach((frame, i) => {
      expect(frame).toMatchObject({ track: 'inbound', chunk: String(i + 1) })
      expect(frame.timestamp).toBe(String(150 + 20 * i))
      expect(Buffer.from(frame.payload, 'base64')).toHaveLength(160)
    })
    expect(stream.of('dtmf').map(({ dtmf }) => dtmf)).toEqual([
      { track: 'inbound_track', digit: '1' },
      { track: 'inbound_track', digit: '#' },
    ])
    expect(rest.at(-1)).toMatchObject({
      event: 'stop',
      stop: { accountSid: ACCOUNT, callSid: call.callSid },
    })
  })

  it('carries words both ways without a change, and keeps them in the recording', async () => {
    const { call, world } = await started(
      {
        onStart: (stream) => {
          stream.say('Good morning, Jörg.')
          stream.mark('greeted')
        },
      },
      person(
        { hear: 'end', quietMs: 300 },
        { say: 'Hello to you!' },
        { pause: 100 },
        { hangUp: true },
      ),
    )
    await call.ended
    await world.streams[0]!.closed
    expect(call.heardText()).toBe('Good morning, Jörg.')
    expect(call.said.map(({ text }) => text)).toEqual(['Hello to you!'])
    expect(understand(world.streams[0]!.heard)).toBe('Hello to you!')
    const { caller, agent } = call.recording()
    expect(caller.length).toBe(agent.length)
    expect(understand(caller)).toBe('Hello to you!')
    expect(understand(agent)).toBe('Good morning, Jörg.')
    expect(call.heard[0]!.endMs - call.heard[0]!.startMs).toBeCloseTo(20 * 50 - 10, -1)
    expect(call.said[0]!.startMs).toBeGreaterThan(call.heard[0]!.endMs + 290)
    expect(call.marksReturned).toBe(1)
    const words = world.events.flatMap((event) => (event.type === 'agent_word' ? [event.word] : []))
    expect(words).toEqual(['Good', 'morning,', 'Jörg.'])
  })

  it('returns marks when they are reached, and all of them on clear', async () => {
    const marks: { name: string; at: number }[] = []
    let startedAt = 0
    const { call, world } = await started(
      {
        onStart: (stream) => {
          startedAt = world.clock.now()
          stream.onMessage = ({ mark }) => {
            if (!mark) return
            marks.push({ name: mark.name, at: world.clock.now() - startedAt })
            if (mark.name === 'half') stream.send({ event: 'clear' })
          }
          stream.mark('at once')
          stream.say('one two ')
          stream.mark('half')
          stream.say('three four five six seven')
          stream.mark('flushed 1')
          stream.say('eight')
          stream.mark('flushed 2')
        },
      },
      person({ pause: 6000 }, { hangUp: true }),
      { speed: 4 },
    )
    await call.ended
    expect(marks.map(({ name }) => name)).toEqual(['at once', 'half', 'flushed 1', 'flushed 2'])
    expect(marks[0]!.at).toBeLessThan(marks[1]!.at - 300)
    expect(marks[1]!.at).toBeGreaterThan(350)
    expect(marks[3]!.at).toBeLessThan(marks[1]!.at + 1000)
    expect(call.heardText()).toMatch(/^one two/)
    expect(call.heardText()).not.toContain('seven')
    expect(world.events).toContainEqual(expect.objectContaining({ type: 'cleared' }))
    expect(world.violations.list).toEqual([])
  })

  it.each<[string, (stream: AgentStream) => void]>([
    [
      '31950',
      (s) => {
        s.socket.send(Buffer.from('hello'), { binary: true })
      },
    ],
    [
      '31951',
      (s) => {
        s.socket.send('hello')
      },
    ],
    [
      '31951',
      (s) => {
        s.send({ event: 'mark' })
      },
    ],
    [
      '31951',
      (s) => {
        s.send({ event: 'clear', now: true })
      },
    ],
    [
      '31951',
      (s) => {
        s.send({ event: 'stop' })
      },
    ],
    [
      '31951',
      (s) => {
        s.send({ event: 'media', media: { payload: '%%%' } })
      },
    ],
    [
      '31951',
      (s) => {
        s.socket.send(JSON.stringify({ event: 'clear', streamSid: 'MZ0' }))
      },
    ],
    [
      'frame not a multiple of 20 ms',
      (s) => {
        s.send({ event: 'media', media: { payload: Buffer.alloc(161).toString('base64') } })
      },
    ],
    [
      '31931',
      (s) => {
        for (let i = 0; i < 2; i++)
          s.send({ event: 'media', media: { payload: Buffer.alloc(4_799_840).toString('base64') } })
      },
    ],
  ])('complains once of what Twilio warns of: %s', async (rule, misbehave) => {
    const { call, world } = await started({
      onStart: (stream) => {
        misbehave(stream)
        misbehave(stream)
        stream.send({ event: 'clear' })
        stream.mark('alive')
      },
    })
    await eventually(() => call.marksReturned).toBe(1)
    call.hangUp()
    await call.ended
    expect(world.violations.list.map((violation) => violation.rule)).toEqual([
      expect.stringContaining(rule),
    ])
    expect(world.streams[0]!.of('mark').at(-1)?.mark?.name).toBe('alive')
  })

  it('counts it against the server when it closes the stream of a live call', async () => {
    const { call, world } = await started({
      voice: () => withStatus,
      onStart: (stream) => {
        stream.socket.close(1000)
      },
    })
    await call.ended
    expect(call.status).toBe('completed')
    expect(world.violations.list).toEqual([
      expect.objectContaining({ rule: expect.stringContaining('31921') }),
    ])
    expect(world.streamCallbacks.map(({ StreamEvent }) => StreamEvent)).toEqual([
      'stream-started',
      'stream-error',
    ])
  })

  it('counts it as a lost connection when the server drops it, and goes on with the action', async () => {
    const { call, world } = await started({
      voice: () => STREAM.replace('<Connect>', '<Connect action="/next">'),
      pages: { '/next': () => '<Response><Say>Sorry</Say></Response>' },
      onStart: (stream) => {
        stream.socket.terminate()
      },
    })
    await call.ended
    expect(world.violations.list[0]!.rule).toContain('31903')
    expect(call.heardText()).toBe('Sorry')
  })

  it('gives up on bytes that are no WebSocket frames', async () => {
    const { call, world } = await started({
      onStart: (stream) => {
        const raw = (stream.socket as unknown as { _socket: { write(data: Buffer): void } })._socket
        raw.write(Buffer.from([0xff, 0xff, 0xff, 0xff]))
      },
    })
    await call.ended
    expect(world.violations.list[0]!.rule).toContain('31924')
  })

  it.each<[string, AgentScript]>([
    ['31920', { refuseUpgrade: 403 }],
    ['31922', { voice: () => withStatus.replace('wss:', 'https:') }],
    ['31923', { voice: () => withStatus.replace('wss://', '') }],
    ['31941', { voice: () => withStatus.replace('<Stream', '<Stream track="both_tracks"') }],
    ['31902', { voice: () => withStatus.replace(`wss://${HOST}`, 'wss://127.0.0.1:1') }],
  ])('reports a stream that cannot be opened: %s', async (code, script) => {
    const { call, world } = await started({ voice: () => withStatus, ...script })
    await call.ended
    expect(world.violations.list.map(({ rule }) => rule)).toEqual([expect.stringContaining(code)])
    expect(call.streamCount).toBe(0)
    await eventually(() => world.streamCallbacks).toEqual([
      expect.objectContaining({
        StreamEvent: 'stream-error',
        StreamError: expect.stringContaining(code),
        CallSid: call.callSid,
      }),
    ])
    expect(world.badSignatures).toEqual([])
  })

  it('gives up on a server that does not answer the upgrade', async () => {
    const { call, world } = await started(
      { voice: () => withStatus, hangUpgrade: true },
      person(),
      {
        knobs: { streamTimeoutMs: 300 },
      },
    )
    await call.ended
    expect(world.violations.list[0]!.rule).toContain('31901')
  })

  it('loses the query string of a stream on the way, and says so', async () => {
    const { call, world } = await started({
      voice: () => STREAM.replace('/media"', '/media?token=1"'),
    })
    await eventually(() => call.streamCount).toBe(1)
    call.hangUp()
    await call.ended
    expect(call.streamCount).toBe(1)
    expect(world.violations.list[0]!.rule).toBe('query string on the url of a stream')
  })

  it('cuts a stream without a stop, and can open another one in the same call', async () => {
    let streams = 0
    const { call, world } = await started(
      {
        voice: () => STREAM.replace('<Connect>', '<Connect action="/next">'),
        pages: { '/next': () => STREAM },
        onStart: (stream) => {
          if (++streams === 1)
            setTimeout(() => {
              call.cutStream()
            }, 20)
          else stream.say('Here I am again.')
        },
      },
      person({ hear: { text: 'HERE I am again' } }, { hangUp: true }),
    )
    await call.ended
    const [first, second] = world.streams
    expect(await first!.closed).toBe(1006)
    expect(first!.of('stop')).toEqual([])
    expect(second!.of('stop')).toHaveLength(1)
    expect(call.streamCount).toBe(2)
    expect(world.violations.list).toEqual([])
  })

  it('can leave a socket half open and silent', async () => {
    const { call, world } = await started(
      {
        voice: () => withStatus,
        onStart: () =>
          setTimeout(() => {
            call.freezeStream()
          }, 20),
      },
      person(),
      { knobs: { frozenStreamMs: 2000 } },
    )
    await call.ended
    const stream = world.streams[0]!
    const frames = stream.of('media').length
    expect(stream.socket.readyState).toBe(1)
    stream.mark('unheard')
    expect(await stream.closed).toBe(1006)
    expect(stream.of('media')).toHaveLength(frames)
    expect(stream.of('mark')).toEqual([])
    expect(stream.of('stop')).toEqual([])
  })

  it(
    'notices a server that does not read',
    async () => {
      const { call, world } = await started(
        {
          onStart: (stream) => {
            ;(stream.socket as unknown as { _socket: { pause(): void } })._socket.pause()
          },
        },
        person({ pause: 600_000 }, { hangUp: true }),
        { speed: 400, knobs: { streamTimeoutMs: 1e6 } },
      )
      // Nor does a busy machine answer Twilio's callbacks in time at such a speed.
      const ofStream = () =>
        world.violations.list.map(({ rule }) => rule).filter((rule) => rule.startsWith('319'))
      await eventually(ofStream).toEqual([expect.stringContaining('31930')])
      call.hangUp()
      await call.ended
      world.streams[0]!.socket.terminate()
    },
    // It runs against the clock on the wall: others would make it slow.
    { concurrent: false },
  )
})
