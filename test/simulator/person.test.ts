import { SimulatedPerson } from '../../src/simulator/person.ts'
import type { PersonStep } from '../../src/simulator/scenario.ts'
import { speakMulaw } from '../../src/simulator/tone-speech.ts'
import { pickUp, SILENT, understand } from './telephone.ts'
import { describe, expect, it } from '../helpers/together.ts'

describe('the person on the line', () => {
  it('says things one after the other, and goes on when the last sound is out', async () => {
    const line = pickUp({ say: 'First.' }, { pause: 200 }, { say: 'Second.' }, { hangUp: true })
    await line.done
    const [first, second] = line.person.said
    expect(line.person.said.map(({ text }) => text)).toEqual(['First.', 'Second.'])
    expect(first!.endMs - first!.startMs).toBe(300)
    expect(second!.startMs).toBeGreaterThanOrEqual(first!.endMs + 200)
    expect(line.nowMs()).toBeGreaterThanOrEqual(second!.endMs)
    line.audio.advance(line.nowMs() + 100)
    expect(understand(line.frames)).toBe('First.Second.')
    expect(line.said.map(({ atMs }) => atMs)).toEqual([first!.startMs, second!.startMs])
  })

  it('lays speech into the frames at the very sample at which it begins', async () => {
    const line = pickUp({ pause: 33 }, { say: 'x' }, { hangUp: true })
    await line.done
    line.audio.advance(line.nowMs() + 100)
    const sent = Buffer.concat(line.frames.map((frame) => frame ?? SILENT))
    const start = line.person.said[0]!.startMs * 8
    expect(Number.isInteger(start)).toBe(true)
    expect(sent.subarray(0, start).every((byte) => byte === 0xff)).toBe(true)
    expect(sent.subarray(start, start + 400)).toEqual(Buffer.from(speakMulaw('x')))
  })

  it('waits until the agent has spoken and fallen silent', async () => {
    const line = pickUp({ hear: 'end', quietMs: 400 }, { hangUp: true })
    await line.clock.sleep(600)
    void line.agentSays('Hello there.')
    await line.agentSays('How are you?', 100)
    await line.done
    const [heard] = line.audio.ear.utterances
    expect(heard!.text).toBe('Hello there.How are you?')
    expect(line.nowMs() - heard!.endMs).toBeGreaterThanOrEqual(400)
    expect(line.nowMs() - heard!.endMs).toBeLessThan(1500)
  })

  it('does not take for an answer what was heard before it spoke', async () => {
    const line = pickUp({ hear: 'end' }, { say: 'Yes.' }, { hear: 'end' }, { hangUp: true })
    await line.agentSays('Are you John?')
    await expect.poll(() => line.person.said).toHaveLength(1)
    await line.clock.sleep(1200)
    expect(line.audio.ear.heardSinceSpoke).toBe(false)
    await line.agentSays('Good.')
    await line.done
    expect(line.audio.ear.utterances.map(({ text }) => text)).toEqual(['Are you John?', 'Good.'])
    expect(line.words).toEqual(['Are', 'you', 'John?', 'Good.'])
  })

  it('interrupts after so many words', async () => {
    const line = pickUp({ hear: { words: 2 } }, { say: 'Stop!' }, { hangUp: true })
    await line.agentSays('one two three four five six')
    await line.done
    const heard = line.audio.ear.utterances[0]!
    const secondWordEnds = heard.startMs + 'one two '.length * 50
    expect(line.person.said[0]!.startMs).toBeGreaterThanOrEqual(secondWordEnds - 60)
    expect(line.person.said[0]!.startMs).toBeLessThan(secondWordEnds + 600)
  })

  it('counts the last word once it is certainly over', async () => {
    const line = pickUp({ hear: { words: 2 } }, { hangUp: true })
    await line.agentSays('Hi you')
    expect(line.audio.ear.wordsSinceSpoke).toBeLessThan(3)
    await line.done
    expect(line.nowMs() - line.audio.ear.utterances[0]!.endMs).toBeGreaterThanOrEqual(200)
  })

  it('waits for a text in whatever case and spacing', async () => {
    const line = pickUp({ hear: { text: 'TWO three' } }, { hangUp: true })
    await line.agentSays('one  two  three')
    await line.done
    expect(line.audio.ear.utterances[0]!.text).toBe('one two three')
  })

  it('hears an agent that talks through an "uh-huh" as one utterance', async () => {
    const line = pickUp(
      { hear: { words: 1 } },
      { say: 'uh-huh' },
      { pause: 1500 },
      { hangUp: true },
    )
    await line.agentSays('I have two slots left on Thursday')
    await line.done
    expect(line.audio.ear.utterances).toHaveLength(1)
  })

  it('hears a new utterance after a pause of 700 ms', async () => {
    const line = pickUp({ pause: 3000 }, { hangUp: true })
    void line.agentSays('One.')
    void line.agentSays('Still one.', 500)
    await line.agentSays('Two.', 900)
    await line.done
    expect(line.audio.ear.utterances.map(({ text }) => text)).toEqual(['One. Still one.', 'Two.'])
  })

  it('presses keys 100 ms apart', async () => {
    const line = pickUp({ press: '12#' }, { hangUp: true })
    await line.done
    expect(line.keys.map(({ digit }) => digit)).toEqual(['1', '2', '#'])
    const [first, second, third] = line.keys.map(({ atMs }) => atMs)
    expect(second!).toBeGreaterThan(first!)
    expect(third!).toBeGreaterThanOrEqual(200)
  })

  it('makes a sound without words', async () => {
    const line = pickUp({ noise: 300 }, { hangUp: true })
    await line.done
    expect(line.frames.filter((frame) => frame).length).toBeGreaterThanOrEqual(14)
    expect(understand(line.frames).replaceAll('\uFFFD', '')).toBe('')
    expect(line.person.said).toEqual([])
  })

  it('ends normally when the call ends at any step, and has said only what was sent', async () => {
    const steps: PersonStep[] = [
      { say: 'A very long sentence' },
      { pause: 100_000 },
      { hear: 'end' },
      { noise: 100_000 },
    ]
    for (const step of steps) {
      const line = pickUp(step, { say: 'never' })
      await line.clock.sleep(220)
      line.hangUp()
      await line.done
      for (const { text } of line.person.said) expect('A very long sentence').toContain(text)
      if ('say' in step) expect(line.person.said[0]!.text).toMatch(/^A ver?y?/)
      line.person.over(0)
      expect(line.person.said).toEqual([])
    }
    const late = pickUp({ hear: 'end' })
    late.hangUp()
    await late.done
  })

  it('lets a fault of the telephone through', async () => {
    const line = pickUp()
    const person = new SimulatedPerson(
      {
        audio: line.audio,
        nowMs: line.nowMs,
        said: () => undefined,
        hangUp: () => undefined,
        stream: () => undefined,
        press: () => {
          throw new Error('no key')
        },
      },
      line.clock,
    )
    await expect(person.follow([{ press: '1' }], new AbortController().signal)).rejects.toThrow(
      'no key',
    )
    line.hangUp()
  })
})
