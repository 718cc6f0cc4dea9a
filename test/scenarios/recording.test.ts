import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Mulaw8k } from '../../src/audio/samples.ts'
import type { Scenario } from '../../src/simulator/scenario.ts'
import { recorded } from '../../src/simulator/scenarios/recorded.ts'
import { Ear } from '../../src/simulator/person-ear.ts'
import { type HeardByte, ToneListener } from '../../src/simulator/tone-speech.ts'
import { readWav } from '../audio/wav-reader.ts'
import { scenarioWorld, textsOf } from '../helpers/scenario-world.ts'

let dir: string
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'recording-'))
})
afterEach(async () => {
  await rm(dir, { recursive: true })
})

/** What somebody understands who listens to one side of a recording. */
function heardOn(side: Mulaw8k): string {
  const ear = new Ear(() => undefined)
  ear.hear(side)
  ear.close()
  return ear.utterances.map(({ text }) => text).join(' ')
}

function symbolsOf(side: Mulaw8k): HeardByte[] {
  const symbols: HeardByte[] = []
  const listener = new ToneListener((heard) => symbols.push(heard))
  listener.hear(side)
  return symbols
}

/**
 * How far each symbol of what really sounded is from the same one in the recording, in samples. One that is not there within
 * 100 ms is left out.
 */
function distances(truth: readonly HeardByte[], found: readonly HeardByte[], offset = 0): number[] {
  return truth.flatMap(({ byte, start }) => {
    const apart = found
      .filter((each) => each.byte === byte)
      .map((each) => each.start - start - offset)
      .toSorted((a, b) => Math.abs(a) - Math.abs(b))[0]
    return apart === undefined || Math.abs(apart) > 800 ? [] : [apart]
  })
}

function middle(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN
}

describe('a call that is recorded', () => {
  it('is kept as it sounded, on both sides, and goes when the call is erased', async () => {
    const world = await scenarioWorld([recorded], {
      environment: { RECORDINGS_DIR: dir, TWILIO_RECORD: 'true' },
    })
    const { record, call, problems } = await world.run(recorded)
    expect(problems).toEqual([])
    expect(call.streamCount).toBe(2)
    expect(call.isRecorded).toBe(true)
    const sound = `${world.url}/api/phone/calls/${record.call_id}/recording.wav`
    const fetched = async () => {
      const response = await fetch(sound)
      expect(response.headers.get('content-type')).toBe('audio/wav')
      return readWav(new Uint8Array(await response.arrayBuffer()))
    }
    // The file is finished behind the call, not in it.
    await expect.poll(async () => heardOn((await fetched()).right)).toMatch(/Goodbye!$/)
    const { left, right } = await fetched()

    // The announcement comes first, whatever is said over it, and all that was said and heard is there.
    expect(textsOf(record, 'agent')[0]).toMatch(/^This call is recorded\./)
    expect(heardOn(right)).toMatch(/^This call is recorded\. .*This is Alex, calling from/)
    expect(heardOn(right)).toMatch(/behind the house.* The city library/)
    expect(heardOn(right)).not.toContain('as you come in')
    expect(heardOn(left)).toBe(call.said.map(({ text }) => text).join(' '))

    // Sample by sample: where the caller lies tells where the recording began.
    const truth = call.recording()
    const said = symbolsOf(truth.caller)
    const ours = symbolsOf(left)
    expect(ours.map(({ byte }) => byte)).toEqual(said.map(({ byte }) => byte))
    const began = middle(ours.map(({ start }, i) => start - (said[i]?.start ?? NaN)))
    const caller = distances(said, ours, began)
    const agent = distances(symbolsOf(truth.agent), symbolsOf(right), began)
    expect(caller.length).toBe(said.length)
    // At a cut a letter may be whole in one of them only.
    expect(agent.length).toBeGreaterThanOrEqual(symbolsOf(truth.agent).length - 3)
    const apart = [...caller, ...agent].map((samples) => Math.abs(samples) / 8)
    const within = apart.filter((ms) => ms <= 20).length
    expect(within / apart.length).toBeGreaterThan(0.9)

    expect(await readdir(dir)).toEqual([`${record.call_id}.wav`])
    const erased = await fetch(`${world.url}/api/phone/calls/${record.call_id}`, {
      method: 'DELETE',
    })
    expect(erased.ok).toBe(true)
    expect(await readdir(dir)).toEqual([])
    expect((await fetch(sound)).status).toBe(404)
  })

  it('is recorded nowhere when it does not ask for it', async () => {
    const shortened: Scenario = {
      ...recorded,
      call: { ...recorded.call, record: false },
      person: { ...recorded.person, does: [{ hear: 'end' }, { hangUp: true }] },
    }
    const world = await scenarioWorld([shortened], {
      environment: { RECORDINGS_DIR: dir, TWILIO_RECORD: 'true' },
    })
    const { problems, call: made } = await world.run(shortened)
    expect(problems).toEqual([])
    expect(made.heardText()).not.toContain('recorded')
    expect(made.isRecorded).toBe(false)
    expect(await readdir(dir)).toEqual([])
  })
})
